// A slider that tells Python at every step of the drag. One update is in flight at a time: until Python's
// echo is back only the newest value is kept, so that a slow server skips steps instead of queueing them.
const PATIENCE = 6000 // milliseconds: a server that was started again has never heard of what the last one was told
const REST = 1000 // milliseconds after the last update, from when on what waits for the server may fade again
const SWEEP = 5000 // milliseconds that "play" takes from one end to the other

export default function ({ data, parentElement, setStateValue }) {
  const find = (name) => parentElement.querySelector(name)
  const [label, range, field, button] = ["label", "[type=range]", "[role=spinbutton]", "button"].map(find)
  const live = (range.live ??= { sent: "", waiting: false, next: null, dragging: false, playing: null, width: 0 })
  const track = data.log ? logTrack(data) : { ...data, place: (value) => value, value: (place) => place }

  const show = (value) => {
    live.value = value
    range.value = track.place(value)
    field.value = String(value).replace("-", "\u2212")
    field.setAttribute("aria-valuenow", value)
    range.setAttribute("aria-valuetext", `${data.label} ${field.value}`)
    const share = (place) => (Math.min(Math.max(place, track.low), track.high) - track.low) / (track.high - track.low)
    const at = (share) => `calc(0.675rem + ${share} * (100% - 1.35rem))` // where the thumb's middle stands
    const now = share(track.place(value))
    const zero = data.signed ? share(0) : 0
    range.style.setProperty("--from", data.signed ? at(Math.min(zero, now)) : "0%")
    range.style.setProperty("--to", at(Math.max(zero, now)))
    range.style.setProperty("--zero", at(zero))
  }
  const send = (value, done) => {
    if (window.history.isLeft?.()) return
    if (live.waiting) {
      live.next = [value, done]
      return
    }
    live.waiting = true
    follow()
    live.lost = setTimeout(() => again(value, done), PATIENCE)
    live.sent = `${Date.now()} ${Math.random()}`
    setStateValue("value", { token: live.sent, value, done, width: live.width })
  }
  const again = (value, done) => {
    live.waiting = false
    send(...(live.next ?? [value, done]))
    live.next = null
  }
  const share = (value) => {
    const url = new URL(window.location.href)
    value === data.standard ? url.searchParams.delete(data.parameter) : url.searchParams.set(data.parameter, value)
    window.history.replaceState(window.history.state, "", url) // so that Python's own write adds no step to "back"
  }
  const commit = (value) => {
    live.dragging = false
    show(value)
    share(value)
    send(value, true)
  }
  const snapped = () => track.value(range.valueAsNumber)

  label.textContent = data.label
  Object.assign(range, { min: track.low, max: track.high, step: track.step })
  range.classList.toggle("signed", data.signed)
  field.setAttribute("aria-label", `${data.label}, any value`)
  field.inputMode = data.low < 0 ? "text" : "decimal" // a telephone's keys for decimals have no minus

  if (data.echo === live.sent) {
    live.waiting = false
    clearTimeout(live.lost)
  }
  if (!live.waiting && live.next) {
    const [value, done] = live.next
    live.next = null
    send(value, done)
  } else if (!live.waiting && !live.dragging && parentElement.activeElement !== field) {
    show(data.value)
  }

  range.oninput = () => {
    halt()
    live.dragging = true
    show(snapped())
    send(live.value, false)
  }
  range.onchange = () => commit(snapped())
  range.onpointerdown = field.onfocus = () => live.playing && stop()
  field.onchange = () => {
    const typed = field.value.trim().replace("\u2212", "-").replace(",", ".")
    const value = typed ? Number(typed) : NaN
    commit(Number.isFinite(value) && (!data.log || value > 0) ? value : data.value)
  }
  field.onkeydown = (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return
    event.preventDefault()
    range.value = track.place(live.value)
    event.key === "ArrowUp" ? range.stepUp() : range.stepDown()
    commit(snapped())
  }

  // Play: once from one value to the other; the value is taken from the time that has passed.
  const halt = () => {
    live.playing = null
    cancelAnimationFrame(live.frame)
    name()
  }
  const stop = () => {
    halt()
    commit(live.value)
  }
  const name = () => {
    button.className = live.playing ? "playing" : ""
    button.setAttribute("aria-label", `${live.playing ? "stop" : "play"} ${data.label}`)
  }
  live.step = (now) => {
    const passed = Math.min(Math.max(now - live.playing, 0) / SWEEP, 1)
    const [from, to] = data.play.map(track.place)
    range.value = from + passed * (to - from)
    const value = snapped()
    if (passed === 1) {
      halt()
      commit(data.play[1])
      return
    }
    if (value !== live.value) {
      show(value)
      send(value, false)
    }
    live.frame = requestAnimationFrame((now) => live.step(now)) // the newest: every update runs this function anew
  }
  button.hidden = !data.play
  button.onclick = () => {
    if (live.playing) return stop()
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return commit(data.play[1])
    live.playing = performance.now()
    live.dragging = true
    name()
    live.step(live.playing)
  }
  name()
  if (data.start && data.start !== live.started) {
    live.started = data.start
    button.click()
  }

  const measure = () => {
    const width = Math.round(find(".live").clientWidth)
    if (width > 0 && Math.abs(width - live.width) > 8) {
      live.width = width
      send(live.next ? live.next[0] : live.value, true)
    }
  }
  live.measure = measure
  if (data.measure && !live.observer) {
    live.observer = new ResizeObserver(() => live.measure())
    live.observer.observe(find(".live"))
  }
  return () => {
    cancelAnimationFrame(live.frame)
    clearTimeout(live.lost)
    live.observer?.disconnect()
  }
}

// While the page follows a finger, frame.css lets nothing fade between two steps.
let rest // one for all sliders
function follow() {
  const page = document.documentElement.classList
  page.add("following")
  clearTimeout(rest)
  rest = setTimeout(() => page.remove("following"), REST)
}

// On a logarithmic track the range counts places, as far apart in the power of ten; both ends, 1 and the default are
// places, whatever the step.
function logTrack({ low, high, step, standard }) {
  const last = Math.max(2, Math.round(Math.log10(high / low) / step))
  const place = (value) => (last * Math.log(value / low)) / Math.log(high / low)
  const values = Array.from({ length: last + 1 }, (_, n) => Number((low * (high / low) ** (n / last)).toPrecision(3)))
  for (const sure of [1, standard]) {
    if (low < sure && sure < high) values[Math.min(Math.max(Math.round(place(sure)), 1), last - 1)] = sure
  }
  values[0] = low
  values[last] = high
  return { low: 0, high: last, step: 1, place, value: (place) => values[place] }
}
