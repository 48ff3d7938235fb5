"use strict";
// Shows the totals of the day and keeps them current; the browser reconnects by itself.
const totals = document.getElementById("totals");
const state = document.getElementById("state");
const language = document.documentElement.lang;
const money = new Intl.NumberFormat(language, {
  style: "currency", currency: totals.dataset.currency,
});
const weight = new Intl.NumberFormat(language, {
  style: "unit", unit: "kilogram", maximumFractionDigits: 1,
});
const count = new Intl.NumberFormat(language);
const written = {
  money: (cents) => money.format(cents / 100),
  weight: (grams) => weight.format(grams / 1000),
  undefined: (number) => count.format(number),
};

const stream = new EventSource("../api/kpi_banner/stream");
stream.addEventListener("totals", (event) => {
  const figures = JSON.parse(event.data);
  for (const shown of totals.querySelectorAll("output")) {
    shown.textContent = written[shown.dataset.unit](figures[shown.dataset.figure]);
  }
  state.textContent = "";
});
stream.addEventListener("error", () => { state.textContent = totals.dataset.lost; });
