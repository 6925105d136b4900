export default function ({ parentElement }) {
  const [button, status] = [parentElement.querySelector("button"), parentElement.querySelector("span")]
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href)
      status.textContent = "Copied: it opens this page with these settings."
    } catch {
      status.textContent = "Copy the address of this page from the browser's address bar."
    }
  }
}
