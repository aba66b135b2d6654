import { stepUtils } from "@web_tour/tour_utils";

const MODULE = "account_credit_collection";

/** Through the apps menu and the sections of the app, as a person goes; on a telephone through the sidebar. */
export function goTo(app, section, item) {
    return [
        ...stepUtils.toggleHomeMenu().map((step) => ({ ...step, isActive: ["community", "mobile"] })),
        ...stepUtils.goToAppSteps(app),
        { isActive: ["desktop"], trigger: `.o_menu_brand[data-menu-xmlid='${app}']` },
        { isActive: ["desktop"], trigger: `.o_menu_sections button[data-menu-xmlid='${section}']`, run: "click" },
        { isActive: ["desktop"], trigger: `.dropdown-item[data-menu-xmlid='${item}']`, run: "click" },
        { isActive: ["mobile"], trigger: "body:not(:has(.o_sidebar_topbar)) .o_action_manager > .o_action" },
        { isActive: ["mobile"], trigger: ".o_menu_toggle", run: "click" },
        { isActive: ["mobile"], trigger: `.o_burger_menu_content li[data-menu-xmlid='${item}']`, run: "click" },
    ];
}

export const ours = (name) => `${MODULE}.${name}`;

/** Nothing sticks out at the side: the page and the dialog on top of it are as wide as the screen. */
export function fits(trigger) {
    return {
        content: "The screen is wide enough",
        trigger,
        run() {
            const parts = [document.documentElement, ...document.querySelectorAll(".o_form_view, .modal-body")];
            const wide = parts.find((part) => part.scrollWidth > Math.max(part.clientWidth, 1) + 1);
            if (wide) {
                throw new Error(`${wide.className || wide.tagName} is ${wide.scrollWidth} wide, shown are ${wide.clientWidth}`);
            }
        },
    };
}

export function state(label) {
    return { trigger: `.o_statusbar_status .o_arrow_button_current:contains('${label}')` };
}

export function saved() {
    return [{ trigger: ".o_form_button_save", run: "click" }, { trigger: ".o_form_view .o_form_saved" }];
}
