// Filters a list as one types, with or without diacritics. Without this, the form searches.

const bare = (text) =>
  text.replace(/đ/gi, "d").normalize("NFD").replace(/\p{M}/gu, "").replace(/\s+/g, " ").trim().toLowerCase();

for (const input of document.querySelectorAll("input[data-filter]")) {
  const list = document.getElementById(input.dataset.filter);
  const status = document.getElementById("found");
  const rows = [...list.querySelectorAll("tbody tr, [data-row]")].map((row) => ({
    row,
    key: bare(row.querySelector("a").textContent),
  }));
  const groups = [...list.querySelectorAll("[data-group]")];

  input.addEventListener("input", () => {
    const wanted = bare(input.value);
    for (const { row, key } of rows) row.hidden = !key.includes(wanted);
    let found = 0;
    for (const group of groups) {
      const left = [...group.querySelectorAll("tbody tr, [data-row]")].filter((row) => !row.hidden).length;
      group.hidden = left === 0;
      found += left;
      for (const details of group.querySelectorAll("details")) details.open = wanted !== "";
    }
    status.textContent = found === 0 ? list.dataset.none : "";
  });
}
