import { registry } from "@web/core/registry";
import { fits } from "./tour_steps";

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

/** Everything that can be used has a name, can be reached by keyboard, and the page has one main heading. */
function usable() {
    return {
        content: "Everything can be reached and has a name",
        trigger: ".o_credit_portal",
        run() {
            const parts = [...document.querySelectorAll(".o_credit_portal :is(a, button, input:not([type=hidden]))")].filter((part) => part.checkVisibility());
            const bare = parts.find((part) => !part.labels?.length && !part.textContent.trim() && !part.ariaLabel && !part.title);
            const hidden = parts.find((part) => part.tabIndex < 0);
            if (bare || hidden) {
                throw new Error(`${(bare || hidden).outerHTML} ${bare ? "has no name" : "is not reached by the keyboard"}`);
            }
            const headings = document.querySelectorAll(".o_credit_portal h1").length;
            if (headings !== 1) {
                throw new Error(`${headings} main headings`);
            }
        },
    };
}

/** Core's own form with the demo provider, as a customer fills it in. */
const pay = () => [
    { trigger: "#o_payment_form [name=customer_input]", run: "edit 1234" },
    { trigger: "button[name=o_payment_submit_button]:not(:disabled)", run: "click", expectUnloadPage: true },
];
const press = (words) => ({ trigger: `.o_credit_portal button:contains('${words}')`, run: "click", expectUnloadPage: true });
const back = { trigger: ".o_credit_card a:contains('Back to your account')", run: "click", expectUnloadPage: true };

registry.category("web_tour.tours").add("portal_payment", {
    steps: () => [
        fits(".o_agreement_amount"),
        shows(".o_agreement_amount", "500.00"),
        press("Pay all due"),
        fits("h1:contains('Pay')"),
        usable(),
        shows(".o_agreement_amount", "500.00"),
        ...pay(),
        fits("h1:contains('Thank you for your payment')"),
        usable(),
        { trigger: "p:contains('Nothing else is due on your account')" },
        back,
        { trigger: ".o_account_done:contains('Everything is paid, thank you')" },
    ],
});

registry.category("web_tour.tours").add("portal_payment_part", {
    steps: () => [
        press("Pay all due"),
        { trigger: "#amount", run: "edit 1000" },
        press("Pay this amount"),
        { content: "More than is open is not taken", trigger: "#amount_help[role=alert]:contains('500.00')" },
        usable(),
        { trigger: "#amount[aria-invalid=true]", run: "edit 250.50" },
        press("Pay this amount"),
        shows(".o_agreement_amount", "250.50"),
        ...pay(),
        fits("h1:contains('Thank you for your payment')"),
        shows("p:contains('Still due on your account') strong", "249.50"),
    ],
});
