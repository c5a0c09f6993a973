import { el } from "./dom.js";
import { short } from "./numbers.js";

// Predict, then reveal: the numbers of a new step stay hidden until the reader has said what
// the state of the chosen unit will be (or which word the model will say).

export class Predict {
  constructor({ spec, labels, onReveal }) {
    Object.assign(this, { spec, labels, onReveal });
    this.question = el("label");
    this.number = el("input", { type: "number", step: "any" });
    this.choice = el("select");
    this.feedback = el("p", { class: "feedback", role: "status" });
    this.form = el("form", { class: "fields", onsubmit: (event) => { event.preventDefault(); this.reveal(); } },
      this.question, el("button", { type: "submit" }, labels.reveal));
    this.root = el("div", { class: "predict", hidden: true }, this.form, this.feedback);
  }

  update(view) {
    const { predicting, hidden, state, unit } = view;
    this.view = view;
    this.root.hidden = !predicting;
    this.form.hidden = !hidden;
    if (!hidden) return;
    const key = `${state.step} ${unit}`;
    if (key === this.asked) return;
    this.asked = key;
    this.feedback.textContent = "";
    const { labels: t } = this;
    if (state.readout) {
      this.choice.replaceChildren(...state.readout.labels.map((label) => el("option", {}, label)));
      this.question.replaceChildren(t.askWord({ token: state.tokens[state.step - 1] }), " ", this.choice);
    } else {
      this.number.value = "";
      this.question.replaceChildren(t.askValue({ q: this.spec.road, k: unit, token: state.tokens[state.step - 1] }), " ", this.number);
    }
  }

  reveal() {
    const { state, steps, unit } = this.view;
    const step = steps[state.step];
    const { labels: t } = this;
    if (state.readout) {
      const best = state.readout.labels[step.p.indexOf(Math.max(...step.p))];
      const said = this.choice.value;
      this.feedback.textContent = said === best ? t.rightWord({ best }) : t.wrongWord({ said, best });
    } else {
      const said = this.number.valueAsNumber;
      if (!Number.isFinite(said)) {
        this.feedback.textContent = t.needNumber;
        this.number.focus();
        return;
      }
      const value = step[this.spec.road][unit];
      this.feedback.textContent = t.compare({ said: short(said), value: short(value), off: short(Math.abs(said - value)) });
    }
    this.onReveal(state.step);
  }
}
