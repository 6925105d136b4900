// A slider that tells Python at every step of the drag. One update is in flight at a time: until Python's
// echo is back only the newest value is kept, so that a slow server skips steps instead of queueing them.
const PATIENCE = 6000 // milliseconds: a server that was started again has never heard of what the last one was told

export default function ({ data, parentElement, setStateValue }) {
  const find = (name) => parentElement.querySelector(name)
  const [label, range, field] = [find("label"), find("input[type=range]"), find("input[type=number]")]
  const live = (range.live ??= { sent: "", waiting: false, next: null, dragging: false, width: 0 })

  // On a logarithmic track the range holds the power of ten, everything else the value itself.
  const place = (value) => (data.log ? Math.log10(value) : value)
  const valueAt = (place) => (data.log ? Number((10 ** place).toPrecision(3)) : place)
  const [low, high] = [place(data.low), place(data.high)]

  const show = (value) => {
    range.value = place(value)
    field.value = value
    const share = (Math.min(Math.max(place(value), low), high) - low) / (high - low)
    range.style.setProperty("--filled", `${100 * share}%`)
  }
  const send = (value, done) => {
    if (live.waiting) {
      live.next = [value, done]
      return
    }
    live.waiting = true
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

  label.textContent = data.label
  Object.assign(range, { min: low, max: high, step: data.step })
  if (data.log) field.min = data.low
  range.setAttribute("aria-valuetext", `${data.label} ${data.value}`)
  field.setAttribute("aria-label", `${data.label}, any value`)

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
    live.dragging = true
    const value = valueAt(range.valueAsNumber)
    show(value)
    send(value, false)
  }
  range.onchange = () => commit(valueAt(range.valueAsNumber))
  field.onchange = () => {
    const typed = field.valueAsNumber
    commit(Number.isFinite(typed) && (!data.log || typed > 0) ? typed : data.value)
  }

  const measure = () => {
    const width = Math.round(find(".live").clientWidth)
    if (width > 0 && Math.abs(width - live.width) > 8) {
      live.width = width
      send(live.next ? live.next[0] : field.valueAsNumber, true)
    }
  }
  live.measure = measure
  if (data.measure && !live.observer) {
    live.observer = new ResizeObserver(() => live.measure())
    live.observer.observe(find(".live"))
  }
}
