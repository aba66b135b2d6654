import { useExternalListener } from "@odoo/owl";
import { getActiveHotkey } from "@web/core/hotkeys/hotkey_service";
import { useService } from "@web/core/utils/hooks";

const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]";
const OPEN = ".o-dropdown--menu, .o_datetime_picker";
const NAMED = ["?", "/"]; // wherever they lie on the keyboard

/**
 * Single keys of the desk. They never stand in the way of what is typed, of a dialog on top, or of Odoo's own
 * shortcuts, which all need another key held down. `act(key, target)` tells whether the key was used.
 */
export function useDeskKeys(act) {
    const ui = useService("ui");
    useExternalListener(window, "keydown", (ev) => {
        if (ev.defaultPrevented || ev.ctrlKey || ev.altKey || ev.metaKey || ui.isBlocked || ui.activeElement !== document) {
            return;
        }
        const key = NAMED.includes(ev.key) ? ev.key : getActiveHotkey(ev);
        const held = ev.repeat && !key.startsWith("arrow");
        if (held || document.querySelector(OPEN) || (key !== "escape" && ev.target.matches?.(TYPING))) {
            return;
        }
        if (act(key, ev.target)) {
            ev.preventDefault();
        }
    });
}
