/** What the pages of customers have in common. */

/** The amount, in dollars, without regard to how it is spaced. */
export function shows(trigger, amount) {
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
export function usable() {
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
export function payWithDemo() {
    return [
        { trigger: "#o_payment_form [name=customer_input]", run: "edit 1234" },
        { trigger: "button[name=o_payment_submit_button]:not(:disabled)", run: "click", expectUnloadPage: true },
    ];
}
