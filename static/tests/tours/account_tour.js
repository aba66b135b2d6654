import { registry } from "@web/core/registry";
import { fits } from "./tour_steps";

const sum = (text) => ({ content: `It comes to ${text}`, trigger: `.o_account_sum:contains('${text}')` });

/** Every field has a label, and what is to be hit is high enough for a thumb. */
function usable() {
    return {
        content: "Each field says what it is",
        trigger: ".o_credit_account form",
        run() {
            const fields = document.querySelectorAll(".o_credit_account :is(input, select, textarea):not([type=hidden])");
            const bare = [...fields].find((field) => !field.labels?.length);
            if (bare) {
                throw new Error(`${bare.name} has no label`);
            }
            const small = [...document.querySelectorAll(".o_credit_account :is(.btn, .o_account_actions a, summary)")]
                .filter((part) => part.checkVisibility())
                .find((part) => part.getBoundingClientRect().height < 43);
            if (small) {
                throw new Error(`${small.textContent} is too low for a thumb`);
            }
        },
    };
}

registry.category("web_tour.tours").add("collection_account_ticks", {
    steps: () => [
        fits(".o_agreement_amount:contains('1,200.50')"),
        usable(),
        sum("Nothing selected"),
        { content: "Nothing is sent without a tick", trigger: ".o_account_selected button:disabled" },
        { trigger: "#section_due + ul .o_account_item:nth-of-type(1) input", run: "check" },
        sum("$1,000.50"),
        { trigger: "#section_later + ul .o_account_item:nth-of-type(1) input", run: "check" },
        sum("$1,070.50"),
        { content: "Now it can be sent", trigger: ".o_account_selected button:enabled" },
        { trigger: "#section_due + ul .o_account_item:nth-of-type(1) input", run: "uncheck" },
        sum("$70.00"),
        { trigger: "a:contains('Invoices, contract and other documents')", run: "click", expectUnloadPage: true },
        fits("h2:contains('Invoices and credit notes')"),
    ],
});

registry.category("web_tour.tours").add("collection_account_home", {
    steps: () => [
        { content: "With what is due", trigger: ".o_portal_docs a[href='/my/credit']:contains('1,200.50')", run: "click", expectUnloadPage: true },
        fits(".o_agreement_amount:contains('1,200.50')"),
    ],
});

registry.category("web_tour.tours").add("collection_account_message", {
    steps: () => [
        fits("#section_told:contains('What our message is about')"),
        { trigger: "#section_told + ul input:checked" },
        { trigger: "#section_due:contains('Also due') + ul input:not(:checked)" },
    ],
});

/** A paper comes as a file that the browser keeps, and as what its name says. */
function comes(trigger, type) {
    return {
        content: `A file comes from ${trigger}`,
        trigger,
        async run() {
            const answer = await fetch(document.querySelector(trigger).href);
            const kept = answer.headers.get("Content-Disposition") || "";
            if (!answer.ok || !answer.headers.get("Content-Type").includes(type) || !kept.includes("filename")) {
                throw new Error(`${answer.status} ${answer.headers.get("Content-Type")} ${kept}`);
            }
        },
    };
}

registry.category("web_tour.tours").add("collection_account_rest", {
    steps: () => [
        fits("p:contains('Your next limit is $ 8,000.00')"),
        { trigger: "li:contains('You have had this limit for 10 days; it takes 90.')" },
        { trigger: ".o_account_line:contains('CA/BROWSER'):contains('We are looking at it')" },
        comes("a[href$='/statement.pdf']", "pdf"),
        comes("a[href$='/statement.xlsx']", "spreadsheet"),
        { trigger: "a[href*='/collections/settlement/']", run: "click", expectUnloadPage: true },
        fits("h1:contains('Our offer to you')"),
        { trigger: "a:contains('Pay')" },
    ],
});

registry.category("web_tour.tours").add("collection_account_application", {
    steps: () => [
        { trigger: "a:contains('CA/BROWSER')", run: "click", expectUnloadPage: true },
        fits("p:contains('Application CA/BROWSER')"),
    ],
});
