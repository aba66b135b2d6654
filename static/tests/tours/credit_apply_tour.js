import { registry } from "@web/core/registry";
import { fits } from "./tour_steps";

const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const fill = (name, text) => ({ trigger: `.o_credit_portal [name='${name}']`, run: `edit ${text}` });
const tick = (name) => ({ trigger: `.o_credit_portal input[name='${name}']`, run: "check" });
const send = (words) => ({ trigger: `.o_credit_form button[type=submit]:contains('${words}')`, run: "click", expectUnloadPage: true });
const here = (step) => fits(`.o_credit_progress [aria-current=step]:contains('${step}')`);

/** Every field has a label, and what is wrong with one is said to who cannot see it. */
function labelled() {
    return {
        content: "Each field says what it is",
        trigger: ".o_credit_portal form",
        run() {
            const fields = document.querySelectorAll(".o_credit_portal :is(input, select, textarea):not([type=hidden])");
            const bare = [...fields].find((field) => !field.labels?.length);
            if (bare) {
                throw new Error(`${bare.name} has no label`);
            }
            const unnamed = [...document.querySelectorAll("[aria-describedby]")].find((field) =>
                field.getAttribute("aria-describedby").split(" ").some((id) => !document.getElementById(id))
            );
            if (unnamed) {
                throw new Error(`${unnamed.name} points to a description that is not there`);
            }
            const small = [...document.querySelectorAll(".o_credit_portal :is(button, select, input:not([type=checkbox], [type=radio], [type=hidden]))")]
                .filter((part) => part.checkVisibility() && !part.closest(".o_credit_trap"))
                .find((part) => part.getBoundingClientRect().height < 43);
            if (small) {
                throw new Error(`${small.name || small.textContent} is too low for a thumb`);
            }
        },
    };
}

registry.category("web_tour.tours").add("credit_apply", {
    steps: () => [
        here("Company"),
        labelled(),
        { trigger: ".o_credit_kinds a:contains('A sole trader')", run: "click", expectUnloadPage: true },
        { trigger: ".o_credit_kinds a[aria-current]:contains('A sole trader')" },
        { content: "Another kind of applicant, other questions", trigger: "label:contains('Your trade')" },
        { trigger: ".o_credit_kinds a:contains('A company')", run: "click", expectUnloadPage: true },
        { trigger: "label:contains('Legal form'), legend:contains('Legal form')" },
        fill("name", "Harbour Mill"),
        fill("founded_year", "98"),
        fill("street", "2 Quay Street"),
        fill("zip", "1000"),
        fill("city", "Brussels"),
        { trigger: "select[name=country_id]", run: "selectByLabel Belgium" },
        fill("contact_name", "Ada Miller"),
        fill("email", "ada"),
        { trigger: "input[name=q_legal_form]:first", run: "check" },
        send("Save and go on"),

        { content: "What is wrong stands on top", trigger: "#credit_errors a:contains('E-mail')" },
        { content: "and beside the field", trigger: "#founded_year[aria-invalid][aria-describedby=founded_year_error]" },
        { trigger: "#email_error:contains('not an e-mail address')" },
        labelled(),
        here("Company"),
        { content: "What was typed is still there", trigger: "#name:value('Harbour Mill')" },
        fill("founded_year", "1998"),
        fill("email", "ada@harbour.example"),
        send("Save and go on"),

        here("What you need"),
        labelled(),
        fill("requested_limit", "30,000"),
        fill("monthly_purchases", "12,000.50"),
        send("Save and go on"),
        { content: "The amount brings up one question more", trigger: "#q_why", run: "edit A new shop" },
        { trigger: "#requested_limit:value('30,000.00')" },
        send("Save and go on"),

        here("References"),
        labelled(),
        fill("trade1_name", "Paper Works"),
        fill("trade1_email", "joe@paper.example"),
        fill("bank_name", "First Bank"),
        send("Save and go on"),

        here("Documents"),
        labelled(),
        { content: "What is saved can be looked at again", trigger: ".o_credit_progress a:contains('References')", run: "click", expectUnloadPage: true },
        { trigger: "#trade1_name:value('Paper Works')" },
        send("Save and go on"),
        {
            content: "A chosen file goes at once",
            trigger: ".o_credit_upload:contains('Last balance sheet') input[type=file]",
            run() {
                const bytes = Uint8Array.from(atob(PICTURE), (letter) => letter.charCodeAt(0));
                const chosen = new DataTransfer();
                chosen.items.add(new File([bytes], "balance sheet.png", { type: "image/png" }));
                this.anchor.files = chosen.files;
                this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
            expectUnloadPage: true,
        },
        { trigger: ".o_credit_document:contains('balance sheet.png')" },
        send("Send the application"),
        { content: "Nothing goes without consent", trigger: "#privacy_error:contains('Please tick this')" },
        tick("privacy"),
        tick("ask_references"),
        tick("terms"),
        send("Send the application"),
        fits("h1:contains('We have received your application')"),
        { trigger: "li:contains('Paper Works'):contains('not asked yet')" },
    ],
});

registry.category("web_tour.tours").add("credit_sign", {
    steps: () => [
        fits("h1:contains('Approved')"),
        { trigger: "a:contains('Read and sign the contract')", run: "click", expectUnloadPage: true },
        fits("h1:contains('Your credit contract')"),
        labelled(),
        { trigger: "dd:contains('2,000.00')" },
        { trigger: "a[target=_blank]:contains('Read the contract')" },
        fill("signed_name", "Ada Miller"),
        fill("signed_function", "Owner"),
        send("Sign the contract"),
        { trigger: "#entitled_error" },
        tick("entitled"),
        send("Sign the contract"),
        fits("h1:contains('Signed')"),
        { trigger: "p:contains('Ada Miller')" },
    ],
});

registry.category("web_tour.tours").add("credit_refer", {
    steps: () => [
        fits("h1:contains('Harbour Mill')"),
        labelled(),
        { trigger: "select[name=manner_of_payment]", run: "selectByLabel Prompt" },
        fill("high_credit", "8,000"),
        fill("answered_name", "Joe Paper"),
        send("Send the answer"),
        fits("h1:contains('Thank you')"),
    ],
});
