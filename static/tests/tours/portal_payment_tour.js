import { registry } from "@web/core/registry";
import { payWithDemo, shows, usable } from "./portal_steps";
import { fits } from "./tour_steps";

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
        ...payWithDemo(),
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
        ...payWithDemo(),
        fits("h1:contains('Thank you for your payment')"),
        shows("p:contains('Still due on your account') strong", "249.50"),
    ],
});
