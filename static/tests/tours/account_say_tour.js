import { registry } from "@web/core/registry";
import { fits } from "./tour_steps";

/** What follows a button that sends a form, or a link to another page. */
const leads = (trigger) => ({ trigger, run: "click", expectUnloadPage: true });
const iso = (days) => {
    const day = new Date(Date.now() + days * 86400000);
    return day.toISOString().slice(0, 10);
};
/** A native date field takes its value only in one piece. */
const enter = (name, days) => ({
    content: `Choose the day of ${name}`,
    trigger: `input[name=${name}]`,
    run() {
        this.anchor.value = iso(days);
    },
});
const labelled = {
    content: "Each field says what it is",
    trigger: ".o_credit_account form",
    run() {
        const fields = document.querySelectorAll(".o_credit_account :is(input, select, textarea):not([type=hidden])");
        const bare = [...fields].find((field) => !field.labels?.length);
        if (bare) {
            throw new Error(`${bare.name} has no label`);
        }
    },
};

registry.category("web_tour.tours").add("collection_say_promise", {
    steps: () => [
        leads("a:contains('I will pay on'):first"),
        fits("h1:contains('When will you pay?')"),
        labelled,
        leads("button:contains('I will pay')"),
        { content: "No day was chosen: said in words, at the field", trigger: "#credit_errors:contains('Please fill this in')" },
        enter("promised_on", 4),
        leads("button:contains('I will pay')"),
        fits("h1:contains('Thank you for telling us')"),
        leads("a:contains('Change…')"),
        enter("promised_on", 8),
        leads("button:contains('I will pay')"),
        leads("button:contains('Take it back')"),
        { trigger: "p:contains('This does not hold any more')" },
    ],
});

registry.category("web_tour.tours").add("collection_say_dispute", {
    steps: () => [
        leads("a:contains('Something is wrong'):first"),
        fits("h1:contains('What is wrong with')"),
        labelled,
        { trigger: "select[name=reason_id]", run: "selectByLabel Damaged or wrong goods" },
        { trigger: "input[name=amount]", run: "edit 60" },
        { trigger: "textarea[name=text]", run: "edit 3 chairs are broken" },
        leads("button:contains('Send')"),
        fits("p:contains('We are looking into it')"),
        { trigger: "textarea[name=text]", run: "edit Only 2 of them" },
        leads("#more ~ form button:contains('Send')"),
        { trigger: "blockquote:contains('Only 2 of them')" },
        leads("button:contains('I take it back')"),
        { trigger: "p:contains('You took this back')" },
    ],
});

registry.category("web_tour.tours").add("collection_say_plan", {
    steps: () => [
        leads("a:contains('Ask to pay in parts'):first"),
        fits("h1:contains('Pay in parts')"),
        labelled,
        { trigger: "select[name=parts]", run: "selectByLabel 2" },
        leads("button:contains('Show the parts')"),
        fits("table:contains('$ 175.00')"),
        { trigger: "textarea[name=text]", run: "edit We wait for money ourselves" },
        leads("button:contains('Ask for this plan')"),
        fits("h1:contains('You asked to pay in 2 parts')"),
        { trigger: "p:contains('We will answer you soon')" },
        leads("a:contains('Back to your account')"),
        { content: "The account says so", trigger: "a:contains('2 parts from')" },
    ],
});
