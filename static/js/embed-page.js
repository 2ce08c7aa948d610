// A button beside each text to copy. Without this, one selects it by hand.

for (const area of document.querySelectorAll("textarea[data-copy]")) {
  area.addEventListener("focus", () => area.select());
  if (!navigator.clipboard) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button second";
  button.textContent = area.dataset.copy;
  button.setAttribute("aria-describedby", area.id);
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(area.value);
    status.textContent = area.dataset.done;
  });
  area.after(button, status);
}
