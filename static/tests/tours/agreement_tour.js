import { registry } from "@web/core/registry";
import { fits } from "./tour_steps";

const link = (words) => ({ trigger: `.o_credit_portal a:contains('${words}')`, run: "click", expectUnloadPage: true });

/** The amount, in dollars, without regard to how it is spaced. */
function shows(trigger, amount) {
    return {
        content: `${amount} is shown`,
        trigger,
        run() {
            if (!this.anchor.textContent.replace(/[^\d.]/g, "").includes(amount)) {
                throw new Error(`“${this.anchor.textContent}” does not show ${amount}`);
            }
        },
    };
}

/** What a thumb, a keyboard and a reader of the screen need. */
function usable() {
    return {
        content: "Everything can be reached and has a name",
        trigger: ".o_credit_portal",
        run() {
            const parts = [...document.querySelectorAll(".o_credit_portal :is(a, button, input:not([type=hidden]))")].filter((part) => part.checkVisibility());
            const bare = parts.find((part) => !part.labels?.length && !part.textContent.trim() && !part.ariaLabel && !part.title);
            if (bare) {
                throw new Error(`${bare.outerHTML} has no name`);
            }
            const hidden = parts.find((part) => part.tabIndex < 0);
            if (hidden) {
                throw new Error(`${hidden.outerHTML} is not reached by the keyboard`);
            }
            const headings = [...document.querySelectorAll(".o_credit_portal h1")];
            if (headings.length !== 1) {
                throw new Error(`${headings.length} main headings`);
            }
        },
    };
}

/** Core's own form with the demo provider, as a customer fills it in. */
function payWithDemo() {
    return [
        { trigger: "#o_payment_form [name=customer_input]", run: "edit 1234" },
        { trigger: "button[name=o_payment_submit_button]:not(:disabled)", run: "click", expectUnloadPage: true },
    ];
}

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
