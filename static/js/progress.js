// Shows how far a run is, and the whole page anew when it ends. Without this, a link loads it anew.

const SECONDS = 1.5;
const run = document.getElementById("run");

const look = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("run");
    if (!answer.ok || answer.redirected || !now?.hasAttribute("data-running")) {
      location.reload();
      return;
    }
    run.replaceChildren(...now.childNodes);
  } catch {
    // the network is gone for a moment: the next look may find it
  }
  setTimeout(look, SECONDS * 1000);
};

setTimeout(look, SECONDS * 1000);
