export default function ({ parentElement }) {
  const [button, status] = [parentElement.querySelector("button"), parentElement.querySelector("span")]
  button.onclick = async () => {
    const address = window.location.href // of this page, also in a frame elsewhere
    try {
      await navigator.clipboard.writeText(address)
      status.textContent = "Copied: it opens this page with these settings."
    } catch {
      status.textContent = address // closed to frames, and where the page did not come over https
      window.getSelection().selectAllChildren(status)
    }
  }
}
