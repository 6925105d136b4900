// What the browser's "back" goes through: one entry a page, with its own parameters only.
// Streamlit adds an entry for every change of the address, and on the way to the next page some with parameters of the
// one that is left. So the entry of the next page is made at the click, whole, and nothing is added to it.
const LINKS = "[data-testid=stSidebarNavLink], [data-testid=stPageLink-NavLink]"
const PATIENCE = 10000 // milliseconds that the next page may take to tell its title
const KEPT = ["embed", "embed_options"]

export default function () {
  const history = window.history
  if (history.onePerPage) return
  history.onePerPage = true
  const push = history.pushState.bind(history)
  const pathOf = (url) => new URL(url, window.location.href).pathname
  let left = null // the title of the page that is left: until it changes, what arrives is what that page wrote

  history.pushState = (state, unused, url) => {
    if (pathOf(url) !== window.location.pathname) push(state, unused, url)
    else if (document.title !== left) history.replaceState(state, unused, url)
  }
  history.isLeft = () => document.title === left // what a slider sends then, the server no longer knows
  const follow = (event) => {
    const link = event.target.closest?.(LINKS)
    const elsewhere = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
    if (!link || elsewhere) return
    if (pathOf(link.href) === window.location.pathname) {
      document.querySelector("[data-testid=stMain]").scrollTo({ top: 0 }) // what it shows stands there
      return
    }
    const [next, now] = [new URL(link.href), new URL(window.location.href)]
    for (const name of KEPT) now.searchParams.getAll(name).forEach((value) => next.searchParams.append(name, value))
    push({}, "", next)
    left = document.title
    setTimeout(() => (left = null), PATIENCE) // who came straight back stands on a page of that title
  }
  document.addEventListener("click", follow, true)
  window.addEventListener("popstate", () => (left = null))
}
