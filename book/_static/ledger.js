/* A text search for the table of the ledger. Without scripts the table is whole, and its filters work by style alone. */
document.addEventListener("DOMContentLoaded", () => {
  const ledger = document.querySelector(".korus-ledger");
  if (!ledger) return;
  const rows = [...ledger.querySelectorAll("tbody tr")];
  const box = document.createElement("p");
  box.className = "korus-search";
  const label = document.createElement("label");
  label.htmlFor = "ledger-search";
  label.textContent = "Search the statements";
  const input = document.createElement("input");
  input.type = "search";
  input.id = "ledger-search";
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  box.append(label, input, status);
  ledger.prepend(box);
  const update = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    const shown = rows.filter((row) => getComputedStyle(row).display !== "none").length;
    status.textContent = `${shown} of ${rows.length} shown`;
  };
  ledger.addEventListener("input", update);
  update();
});
