// Leaving a card on the provider's own field, or answering the card's bank; then the form goes to us as it would by
// itself, and the server looks for itself what has become of it.

const form = document.querySelector("[data-stripe]");

function colours() {
  const own = getComputedStyle(form);
  return { base: { color: own.color, fontFamily: own.fontFamily, fontSize: "16px" } };
}

function arm(stripe) {
  const act = form.querySelector("[data-act]");
  const said = form.querySelector("[data-said]");
  const field = form.querySelector("[data-card]");
  const { secret, method } = form.dataset;
  const card = field && stripe.elements({ locale: form.dataset.language }).create("card", { style: colours() });
  if (card) card.mount(field);
  form.querySelector("[data-without]").hidden = true;
  act.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    act.disabled = true;
    said.textContent = "";
    const answer = card
      ? await stripe.confirmCardSetup(secret, { payment_method: { card } })
      : await stripe.confirmCardPayment(secret, { payment_method: method });
    if (answer.error) {
      said.textContent = answer.error.message || form.dataset.away;
      act.disabled = false;
    } else form.submit();
  });
}

if (window.Stripe) arm(window.Stripe(form.dataset.stripe));
else form.querySelector("[data-said]").textContent = form.dataset.away;
