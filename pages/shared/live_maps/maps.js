// Pictures side by side. A picture stays until the next one is decoded, so that nothing flashes under the finger.
export default function ({ data, parentElement, setTriggerValue }) {
  const grid = parentElement.querySelector(".maps")
  const colours = getComputedStyle(grid).getPropertyValue("--st-chart-categorical-colors").split(",")
  grid.style.gridTemplateColumns = `repeat(${data.tiles.length}, minmax(0, 1fr))`
  while (grid.children.length > data.tiles.length) grid.lastChild.remove()
  data.tiles.forEach((tile, index) => {
    const panel = grid.children[index] ?? grid.appendChild(newPanel())
    const [title, detail, frame] = panel.children
    title.textContent = tile.title
    title.style.textDecorationColor = tile.colour === null ? "transparent" : colours[tile.colour]
    detail.textContent = tile.detail
    frame.style.aspectRatio = `${data.columns} / ${data.rows}`
    const [picture, ring] = frame.children
    picture.alt = `${tile.title}: ${tile.detail}`
    show(picture, tile.url)
    ring.hidden = !data.pixel
    frame.style.cursor = data.pixel ? "crosshair" : ""
    frame.onclick = null
    if (!data.pixel) return
    ring.style.left = `${(100 * (data.pixel[1] + 0.5)) / data.columns}%`
    ring.style.top = `${(100 * (data.pixel[0] + 0.5)) / data.rows}%`
    frame.onclick = (event) => {
      const box = frame.getBoundingClientRect()
      const place = (share, size) => Math.min(Math.max(Math.floor(share * size), 0), size - 1)
      const row = place((event.clientY - box.top) / box.height, data.rows)
      const column = place((event.clientX - box.left) / box.width, data.columns)
      setTriggerValue("pixel", [row, column])
    }
  })
}

function newPanel() {
  const panel = document.createElement("figure")
  panel.innerHTML = `<figcaption></figcaption><small></small><div><img draggable="false"><span></span></div>`
  return panel
}

async function show(picture, url) {
  if (picture.wanted === url) return
  picture.wanted = url
  const next = new Image()
  next.src = url
  await next.decode()
  if (picture.wanted === url) picture.src = url
}
