// Pictures side by side. A picture stays until the next one is decoded, so that nothing flashes under the finger.
// The pixel that is looked at is sent one at a time: until Python has drawn it, only the newest is kept.
const PATIENCE = 3000 // milliseconds: a server that was started again has never heard of what the last one was told
const SWEEP = 6000 // milliseconds that "play" takes along a row
const MOST = 24 // pictures that stand still and are kept, of all that were sent
const kept = new Map()
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

export default function ({ data, parentElement, setTriggerValue }) {
  const [grid, button] = [".maps", "button"].map((name) => parentElement.querySelector(name))
  if (data.stills) {
    grid.hidden = button.hidden = true
    for (const [name, url] of data.stills) {
      kept.delete(name)
      kept.set(name, url)
    }
    while (kept.size > MOST) kept.delete(kept.keys().next().value)
    return
  }
  const live = (grid.live ??= { waiting: 0, next: null, playing: null })
  clearTimeout(live.waiting)
  live.waiting = 0
  live.pixel = live.next ?? data.pixel
  const inside = (row, column) =>
    [[row, data.rows], [column, data.columns]].map(([at, size]) => Math.min(Math.max(at, 0), size - 1))
  const colours = getComputedStyle(grid).getPropertyValue("--st-chart-categorical-colors").split(",")
  const panels = data.tiles.map((tile, index) => {
    const colour = tile.colour === null ? "transparent" : colours[tile.colour]
    return drawn(grid.children[index] ?? grid.appendChild(newPanel()), { ...tile, colour }, data)
  })
  while (grid.children.length > data.tiles.length) grid.lastChild.remove()
  grid.className = `maps ${data.layout}`
  grid.style.setProperty("--tiles", data.tiles.length)
  for (const { frame, picture } of panels) // after all that is written: each look at a size after a change lays out anew
    picture.style.imageRendering = frame.clientWidth * devicePixelRatio < data.columns ? "auto" : "pixelated"

  const mark = ([row, column]) =>
    panels.forEach(({ spot }, index) => {
      const [down, across] = data.kernel && index === 0 ? data.kernel : [0, 0]
      spot.className = down ? "kernel" : ""
      spot.style.cssText = `left: ${(100 * (column + 0.5)) / data.columns}%; top: ${(100 * (row + 0.5)) / data.rows}%`
      if (down) spot.style.width = `${(100 * across) / data.columns}%`
      if (down) spot.style.height = `${(100 * down) / data.rows}%`
    })
  const share = (pixel) => {
    const url = new URL(window.location.href)
    data.link.forEach(([parameter, standard], axis) => {
      pixel[axis] === standard ? url.searchParams.delete(parameter) : url.searchParams.set(parameter, pixel[axis])
    })
    window.history.replaceState(window.history.state, "", url) // so that the fields' own write adds no step to "back"
  }
  const send = (pixel) => {
    live.pixel = pixel
    mark(pixel)
    if (live.waiting) {
      live.next = pixel
      return
    }
    live.next = null
    live.waiting = setTimeout(() => (live.waiting = 0), PATIENCE)
    share(pixel)
    setTriggerValue("pixel", pixel)
  }

  panels.forEach(({ frame }) => {
    const under = (event) => {
      const box = frame.getBoundingClientRect()
      const share = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width]
      return inside(Math.floor(share[0] * data.rows), Math.floor(share[1] * data.columns))
    }
    frame.style.cursor = data.pixel ? "crosshair" : ""
    frame.onclick = data.pixel ? (event) => stop() || send(under(event)) : null
    frame.onpointermove = data.pixel ? (event) => live.playing || mark(under(event)) : null
    frame.onpointerleave = data.pixel ? () => mark(live.pixel) : null
  })

  // Play: once along the row; the column is taken from the time that has passed.
  const stop = () => {
    live.playing = null
    cancelAnimationFrame(live.frame)
    name()
  }
  const name = () => {
    button.textContent = live.playing ? "stop" : "row"
    button.className = live.playing ? "playing" : ""
    button.ariaLabel = live.playing ? "stop" : "play along this row"
  }
  live.step = (now) => {
    const passed = Math.min(Math.max(now - live.playing, 0) / SWEEP, 1)
    const [row, column] = inside(live.pixel[0], Math.floor(passed * data.columns))
    if (column !== live.pixel[1]) send([row, column])
    if (passed === 1) return stop()
    live.frame = requestAnimationFrame((now) => live.step(now)) // the newest: every update runs this function anew
  }
  button.hidden = !data.play
  button.onclick = () => {
    if (live.playing) return stop()
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return send([live.pixel[0], data.columns - 1])
    live.playing = performance.now()
    name()
    live.step(live.playing)
  }
  name()

  grid.tabIndex = data.pixel ? 0 : -1
  grid.role = "group"
  grid.ariaLabel = data.pixel ? "the pictures: arrow keys move the pixel" : "the pictures"
  grid.onkeydown = (event) => {
    const step = data.pixel && STEPS[event.key]
    if (!step) return
    event.preventDefault()
    stop()
    send(inside(live.pixel[0] + step[0], live.pixel[1] + step[1]))
  }
  if (data.pixel) mark(live.pixel)
  if (live.next) send(live.next)
  return () => cancelAnimationFrame(live.frame)
}

function newPanel() {
  const panel = document.createElement("figure")
  panel.innerHTML = `<figcaption></figcaption><small></small><div><img draggable="false"><i></i><span></span></div>`
  return panel
}

function drawn(panel, tile, data) {
  const [title, detail, frame] = panel.children
  const [picture, shade, spot] = frame.children
  const parts = { frame, picture, spot }
  show(picture, tile)
  const said = JSON.stringify({ ...tile, url: "", size: [data.rows, data.columns], pixel: !data.pixel })
  if (panel.said === said) return parts // as it was, but for the picture and the place of the pixel
  panel.said = said
  title.textContent = tile.title
  title.style.textDecorationColor = tile.colour
  detail.textContent = tile.detail
  frame.style.setProperty("--shape", data.columns / data.rows)
  frame.style.aspectRatio = `${data.columns} / ${data.rows}`
  picture.alt = `${tile.title}: ${tile.detail}`
  shade.hidden = tile.light === null
  shade.style.opacity = 1 - Math.min(tile.light ?? 1, 1)
  spot.hidden = !data.pixel
  return parts
}

async function show(picture, { url, still }) {
  if (picture.wanted === (url || still)) return
  picture.wanted = url || still
  const next = new Image()
  next.src = url || (await keptPicture(still))
  await next.decode()
  if (picture.wanted === (url || still)) picture.src = next.src
}

async function keptPicture(name) {
  while (!kept.has(name)) await new Promise((done) => setTimeout(done, 16))
  return kept.get(name)
}
