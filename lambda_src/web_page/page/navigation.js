// The navigation in the header, and the link that skips it.

// Show the links for this role, and mark the view on screen.
export function drawNavigation(role, view) {
  const nav = document.getElementById("nav");
  nav.hidden = false;
  for (const anchor of nav.querySelectorAll("a")) {
    anchor.hidden = anchor.dataset.role !== role;
    if (anchor.dataset.view === view) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
  }
}

export function skipToContent() {
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address's fragment names the view
    document.getElementById("main").focus();
  });
}
