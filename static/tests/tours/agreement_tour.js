import { registry } from "@web/core/registry";
import { payWithDemo, shows, usable } from "./portal_steps";
import { fits } from "./tour_steps";

const link = (words) => ({ trigger: `.o_credit_portal a:contains('${words}')`, run: "click", expectUnloadPage: true });

registry.category("web_tour.tours").add("agreement_plan", {
    steps: () => [
        fits("h1:contains('Your payment plan')"),
        usable(),
        shows("#wrap tfoot td", "5000.00"),
        { trigger: "a[target=_blank]:contains('Read the agreement')" },
        { trigger: "[name=accepted_name]", run: "edit Ada Miller" },
        { trigger: "button:contains('Accept the plan')", run: "click", expectUnloadPage: true },
        { content: "Not without the tick", trigger: "#agreed_error" },
        { trigger: "input[name=agreed]", run: "check" },
        { trigger: "button:contains('Accept the plan')", run: "click", expectUnloadPage: true },
        fits("p:contains('Accepted by Ada Miller')"),
        usable(),
        shows(".o_agreement_amount", "1000.00"),
        link("Pay now"),
        fits("h1:contains('Pay')"),
        usable(),
        shows(".o_agreement_choice.o_chosen strong", "1000.00"),
        ...payWithDemo(),
        fits(".o_agreement_progress p:contains('1,000.00')"),
        { trigger: "td small:contains('Paid on')" },
        link("Pay everything now"),
        shows(".o_agreement_choice.o_chosen strong", "4000.00"),
    ],
});

registry.category("web_tour.tours").add("agreement_offer", {
    steps: () => [
        fits("h1:contains('Our offer to you')"),
        usable(),
        link("Pay now"),
        fits("h1:contains('Pay')"),
        shows(".o_agreement_amount", "3000.00"),
        ...payWithDemo(),
        fits("h1:contains('Thank you, everything is paid')"),
    ],
});
