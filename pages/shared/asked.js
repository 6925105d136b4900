// What was asked for in this tab, so that a page which is loaded again takes up work that runs, or has ended, for it.
const KEY = "bias lab asked"

export default function ({ data, setStateValue }) {
  try {
    const before = JSON.parse(sessionStorage.getItem(KEY) ?? "[]")
    const fresh = !window.askedIsTold && data.length === 0 // a new session, which has never heard of it
    window.askedIsTold = true
    if (!fresh) sessionStorage.setItem(KEY, JSON.stringify(data))
    else if (before.length > 0) setStateValue("value", before)
  } catch {
    // storage is closed to some frames: there a page loaded again has to ask again
  }
}
