import { registry } from "@web/core/registry";
import { fits } from "./tour_steps";

// Everything here is done with keys, on what has the focus, except where a step says otherwise.
const press = (key, trigger = ".o_desk_customer") => ({ content: `Press ${key}`, trigger, run: `press ${key}` });
const type = (trigger, text) => ({
    content: `Type “${text}” where the focus is`,
    trigger: `${trigger}:focus`,
    async run(helpers) {
        for (const letter of text) {
            await helpers.press(letter);
        }
    },
});
const tab = (from) => press("Tab", `${from}:focus`);
const at = (name) => ({ content: `${name} is on the desk`, trigger: `.o_desk_customer h2:contains('${name}'):focus` });
const row = (name, more = "") => ({ trigger: `.o_desk_row:contains('${name}')${more}` });
const done = (count) => ({ trigger: `.o_desk_done:contains('Done ${count} of 10')` });
const noExcuse = { content: "No excuse is offered", trigger: ".o_desk_script:not(:has(.o_desk_excuse)):contains('When did you send your payment?')" };

registry.category("web_tour.tours").add("test_story_desk", {
    steps: () => [
        { trigger: ".o_desk_row.o_cursor:focus:contains('Alder'):contains('1,900.00')" },
        done(0),
        press("Enter", ".o_desk_row.o_cursor:focus"),
        at("Alder"),
        noExcuse,
        press("p"),
        type("#desk_amount", "500"),
        press("Enter", "#desk_amount:focus"),
        { trigger: ".o_notification:contains('Promise of'):contains('500.00'):contains('Undo')" },
        at("Birch"),
        done(1),
        row("Alder", ".o_worked:contains('Promise')"),
        { content: "The list stays put", trigger: "li:first-child .o_desk_row:contains('Alder')" },

        press("d"),
        { trigger: "#desk_reason:focus", run: "selectByLabel Price" },
        tab("#desk_reason"),
        tab("#desk_item"),
        type("#desk_amount", "300"),
        press("Enter", "#desk_amount:focus"),
        at("Cedar"),
        done(2),

        { content: "On the same call the rest is promised", trigger: ".o_desk_customer h2:contains('Cedar'):focus", run: "press k" },
        press("Enter", ".o_desk_row:focus:contains('Birch')"),
        at("Birch"),
        press("p"),
        { content: "What is contested is not proposed", trigger: "#desk_amount:focus:value('1,500.00')" },
        press("Enter", "#desk_amount:focus"),
        at("Cedar"),
        done(2),

        press("x"),
        type("#desk_excuse", "signs away"),
        { trigger: ".o_desk_excuse.active:contains('The person who signs is away')" },
        press("Enter", "#desk_excuse:focus"),
        { trigger: ".o_desk_excuses:contains('When is that person back?') .o_desk_answer:first:focus" },
        press("2", ".o_desk_answer:focus"),
        { content: "The outcome is proposed", trigger: ".o_desk_form[data-outcome=promise]" },
        { content: "It comes with everything filled in", trigger: "#desk_amount:focus:value('1,700.00')" },
        press("Enter", "#desk_amount:focus"),
        at("Dogwood"),

        noExcuse,
        press("n"),
        press("Enter", ".o_desk_form[data-outcome=no_answer] #desk_note:focus"),
        at("Elm"),

        press("c"),
        { trigger: "#desk_email:focus:value('elm@customer.example')" },
        press("Enter", "#desk_email:focus"),
        { trigger: ".o_notification:contains('elm@customer.example'):not(:contains('Undo'))" },
        at("Fir"),

        press("l"),
        type("#desk_parts", "4"),
        press("Enter", "#desk_parts:focus"),
        at("Ginkgo"),

        press("b"),
        { trigger: ".o_desk_form[data-outcome=callback] #desk_on:focus" },
        tab("#desk_on"),
        type("#desk_time", "14:30"),
        press("Enter", "#desk_time:focus"),
        at("Hazel"),

        press("w"),
        type("#desk_name", "mrs miller"),
        tab("#desk_name"),
        type("#desk_phone", "081 555 123"),
        press("Enter", "#desk_phone:focus"),
        at("Ivy"),

        press("r"),
        type("#desk_note", "sees no reason to"),
        press("Enter", "#desk_note:focus"),
        at("Juniper"),
        done(9),

        press("s"),
        { trigger: ".o_desk_finished:contains('1 customer was skipped')" },
        row("Juniper", ":contains('Skipped')"),
        { content: "Who was skipped is there still", trigger: ".o_desk_row.o_cursor:focus:contains('Juniper')", run: "press Enter" },
        at("Juniper"),
        press("x"),
        type("#desk_excuse", "wrong"),
        press("Enter", "#desk_excuse:focus"),
        { trigger: ".o_desk_excuses:contains('What exactly is wrong')" },
        press("1", ".o_desk_answer:focus"),
        { content: "The reason is chosen with the excuse", trigger: "#desk_reason:focus:has(option:checked:contains('Price'))" },
        tab("#desk_reason"),
        tab("#desk_item"),
        type("#desk_amount", "250"),
        press("Enter", "#desk_amount:focus"),
        done(10),
        { trigger: ".o_desk_finished:not(:contains('skipped'))" },
    ],
});

registry.category("web_tour.tours").add("collection_desk_renewed", {
    steps: () => [
        press("Enter", ".o_desk_row.o_cursor:focus:contains('Alder')"),
        at("Alder"),
        press("p"),
        { content: "What is promised is not promised again", trigger: ".o_desk_form:not(:has(.o_instead)) #desk_amount:focus:value('300.00')" },
        press("Escape", "#desk_amount:focus"),
        { content: "Unless one says so", trigger: ".o_desk_items tr:contains('Promise') .o_pick input", run: "click" },
        press("p", ".o_desk_items"),
        { trigger: ".o_desk_form .o_instead:contains('Instead of the promise of'):contains('2,100.00')" },
        { content: "All of it, though one invoice was ticked", trigger: ".o_desk_form #desk_amount:focus:value('2,100.00')" },
        type("#desk_amount", "2000"),
        press("Enter", "#desk_amount:focus"),
        at("Birch"),
    ],
});

registry.category("web_tour.tours").add("collection_desk_typed", {
    steps: () => [
        press("Enter", ".o_desk_row.o_cursor:focus"),
        at("Alder"),
        press("d"),
        press("Tab", "#desk_reason:focus"),
        press("Tab", "#desk_item:focus"),
        type("#desk_amount", "123"),
        press("Escape", "#desk_amount:focus"),
        { content: "Closed, and the keys are free again", trigger: ".o_desk_work:not(:has(.o_desk_form)) h2:focus" },
        press("r"),
        type("#desk_note", "said a word"),
        press("Escape", "#desk_note:focus"),
        press("ArrowDown", "h2:focus"),
        press("Enter", ".o_desk_row:focus:contains('Birch')"),
        at("Birch"),
        press("d"),
        {
            content: "Of another customer nothing is typed yet",
            trigger: ".o_desk_form[data-outcome=dispute] #desk_note",
            run: ({ anchor }) => {
                if (anchor.value) {
                    throw new Error(`There is “${anchor.value}”`);
                }
            },
        },
        press("Escape", ".o_desk_form"),
        press("k", "h2:focus"),
        press("Enter", ".o_desk_row:focus:contains('Alder')"),
        at("Alder"),
        press("d"),
        { content: "It comes back as it was typed", trigger: ".o_desk_form:has(#desk_amount:value('123')):has(#desk_note:value('said a word'))" },
        press("Escape", ".o_desk_form"),
        press("x"),
        press("Escape", "#desk_excuse:focus"),
        noExcuse,
        press("Escape", "h2:focus"),
        { content: "Back to the list", trigger: ".o_desk_body:not(.o_open) .o_desk_row:focus:contains('Alder')" },
        press("/", ".o_desk_row:focus"),
        type(".o_desk_search", "juni"),
        { trigger: ".o_desk_rows:not(:has(.o_desk_row:contains('Alder')))" },
        press("Enter", ".o_desk_search:focus"),
        at("Juniper"),
        press("?"),
        { trigger: ".modal .o_desk_keys:contains('Take back what was saved last')" },
        press("p", ".modal"),
        press("Escape", ".modal"),
        { content: "Keys did nothing behind the dialog", trigger: "body:not(:has(.modal)):not(:has(.o_desk_form)) .o_desk_customer" },
    ],
});

registry.category("web_tour.tours").add("collection_desk_refused", {
    steps: () => [
        press("Enter", ".o_desk_row.o_cursor:focus"),
        at("Alder"),
        press("p"),
        type("#desk_amount", "soon"),
        press("Enter", "#desk_amount:focus"),
        { content: "Told beside the fields", trigger: ".o_desk_problem:contains('“soon” is not an amount.')" },
        { trigger: "#desk_amount:focus:value('soon')", run: "press Control+a" },
        type("#desk_amount", "99999"),
        press("Enter", "#desk_amount:focus"),
        { content: "What the server refuses too", trigger: ".o_desk_problem:not(:contains('soon'))" },
        { content: "Nothing is lost", trigger: "#desk_amount:value('99999')" },
        { trigger: "#desk_amount:focus", run: "press Control+a" },
        type("#desk_amount", "100"),
        {
            content: "Enter twice saves once",
            trigger: "#desk_amount:focus",
            async run(helpers) {
                await Promise.all([helpers.press("Enter"), helpers.press("Enter")]);
            },
        },
        at("Birch"),
        { trigger: ".o_desk_done:contains('Done 1 of 10')" },
        press("n"),
        press("Enter", "#desk_note:focus"),
        at("Cedar"),
        press("z"),
        { content: "Taken back: the customer is there again", trigger: ".o_desk_customer h2:contains('Birch')" },
        { trigger: ".o_desk_done:contains('Done 1 of 10')" },
        { trigger: ".o_desk_row:contains('Birch'):not(.o_worked)" },
        press("Escape", ".o_desk_form #desk_note"),
        press("c"),
        { content: "Its form comes up", trigger: ".o_desk_form[data-outcome=copy]" },
    ],
});

registry.category("web_tour.tours").add("collection_desk_scopes", {
    steps: () => [
        { content: "First those of one's own", trigger: ".o_desk_scopes .active:contains('Mine')" },
        { trigger: ".o_desk_rows:contains('Alder'):not(:contains('Northwind'))" },
        { trigger: ".o_desk_scopes [data-scope=team]", run: "click" },
        { trigger: ".o_desk_rows:contains('Alder'):contains('Northwind'):not(:contains('Southwind'))" },
        { trigger: ".o_desk_scopes [data-scope=all]", run: "click" },
        { trigger: ".o_desk_rows:contains('Alder'):contains('Northwind'):contains('Southwind')" },
        { trigger: ".o_desk_row", run: () => location.reload(), expectUnloadPage: true },
        { content: "The choice is remembered", trigger: ".o_desk_scopes .active:contains('All')" },
        { trigger: ".o_desk_rows:contains('Southwind')" },
        { content: "A band shows its own only", trigger: ".o_desk_chip:first", run: "click" },
        { trigger: ".o_desk_chip.active[aria-pressed=true]" },
        { trigger: ".o_desk_chip.active", run: "click" },
    ],
});

registry.category("web_tour.tours").add("collection_desk_telephone", {
    steps: () => [
        fits(".o_desk_row"),
        { trigger: ".o_desk_row:contains('Alder')", run: "click" },
        { content: "One step: the customer alone", trigger: ".o_desk_body:not(:has(.o_desk_row:visible)) .o_desk_customer h2:contains('Alder')" },
        { trigger: ".o_desk_phone[href='tel:+3281555001']" },
        fits(".o_desk_script"),
        { trigger: ".o_desk_back", run: "click" },
        { trigger: ".o_desk_row:contains('Birch')", run: "click" },
        { trigger: ".o_desk_outcome[data-outcome=no_answer]", run: "click" },
        fits(".o_desk_form"),
        { trigger: ".o_desk_save", run: "click" },
        { content: "The next one by itself", trigger: ".o_desk_customer h2:contains('Cedar')" },
        { trigger: ".o_desk_back", run: "click" },
        { trigger: ".o_desk_row.o_worked:contains('Birch'):contains('Nobody answers')" },
    ],
});

registry.category("web_tour.tours").add("collection_desk_failed", {
    steps: () => [
        { trigger: ".alert-danger:contains('Not now') .o_desk_retry", run: "click" },
        press("Enter", ".o_desk_row.o_cursor:focus:contains('Alder')"),
        { trigger: ".o_desk_customer .alert-danger:contains('Not now') .o_desk_retry", run: "click" },
        { trigger: ".o_desk_customer .o_desk_collectable:contains('1,900.00')" },
    ],
});

registry.category("web_tour.tours").add("collection_desk_settled", {
    steps: () => [
        press("Enter", ".o_desk_row.o_cursor:focus:contains('Alder')"),
        { trigger: ".o_desk_settled:contains('Paid meanwhile')" },
        press("p"),
        { content: "Nothing is asked of who has paid", trigger: ".o_desk_work:not(:has(.o_desk_form))" },
        press("s"),
        at("Birch"),
    ],
});

registry.category("web_tour.tours").add("collection_desk_empty", {
    steps: () => [
        { trigger: ".o_desk_empty:contains('Nobody to call')" },
    ],
});

registry.category("web_tour.tours").add("collection_desk_long", {
    steps: () => [
        { trigger: ".o_desk_row:contains('Dogwood')" },
        { content: "The rest is counted", trigger: ".o_desk_rows:not(:contains('Elm')) + .o_desk_more:contains('and 6 more')" },
        { content: "And it is part of the day", trigger: ".o_desk_done:contains('Done 0 of 10')" },
    ],
});
