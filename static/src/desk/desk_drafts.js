import { figure, readAmount, readCount, readTime } from "./desk_text";

/**
 * What each outcome asks for: `start` proposes, `values` reads what was typed for the server.
 * A draft holds texts as they were typed, so that nothing is lost on the way.
 */
export const DRAFTS = {
    promise: {
        start: (call) => proposePromise(call),
        values: (draft) => ({
            currency_id: draft.currencyId,
            amount: readAmount(draft.amount),
            promised_on: draft.on,
            method: draft.method,
            item_ids: draft.itemIds,
            previous_id: draft.previousId,
        }),
    },
    dispute: {
        start: (call) => {
            const chosen = call.items.find(({ id }) => call.chosen.has(id));
            const { item_id: itemId = false, amount } = call.data.defaults.dispute || {};
            const item = chosen || call.items.find(({ id }) => id === itemId) || call.items[0];
            const contested = item?.id === itemId ? amount : item?.residual;
            return { itemId: item?.id || false, amount: figure(contested || 0, item?.currency_id), reasonId: call.excuse?.dispute_reason_id || false };
        },
        values: (draft) => ({ item_id: draft.itemId, amount: readAmount(draft.amount), reason_id: draft.reasonId }),
    },
    callback: {
        start: (call) => ({ on: call.data.defaults.callback?.on, time: hours(call.data.defaults.callback?.time) }),
        values: (draft) => ({ on: draft.on, time: draft.time ? readTime(draft.time) : false }),
    },
    plan: {
        start: (call) => ({ parts: String(call.data.defaults.plan?.parts || 3), on: call.data.defaults.plan?.first_on }),
        values: (draft, call) => ({ parts: readCount(draft.parts), first_on: draft.on, item_ids: [...call.chosen] }),
    },
    copy: {
        start: (call) => {
            const { move_ids: moveIds = [], email = "" } = call.data.defaults.copy || {};
            const chosen = call.items.filter(({ id }) => call.chosen.has(id)).map((item) => item.move_id);
            return { moveIds: chosen.length ? chosen : [...moveIds], email: email || "" };
        },
        values: (draft) => ({ move_ids: draft.moveIds, email: draft.email.trim() }),
    },
    wrong_contact: {
        start: () => ({ name: "", phone: "", email: "" }),
        values: (draft) => ({ name: draft.name.trim(), phone: draft.phone.trim(), email: draft.email.trim() }),
    },
    no_answer: { start: () => ({}), values: () => ({}) },
    refuses: { start: () => ({}), values: () => ({}) },
};

const hours = (time) => (time || time === 0 ? `${Math.floor(time)}:${String(Math.round((time % 1) * 60)).padStart(2, "0")}` : "");

/**
 * The items that were ticked, in one currency, or what the server proposes.
 * With an item that is promised already comes all of its promise: the new one stands in for it as a whole.
 */
export function proposePromise(call, currencyId) {
    const offers = call.data.defaults.promise || [];
    const chosen = call.items.filter(({ id }) => call.chosen.has(id));
    const wanted = currencyId || chosen[0]?.currency_id || offers[0]?.currency_id || call.data.currency_id;
    const offer = offers.find((one) => one.currency_id === wanted) || offers[0] || {};
    const ticked = chosen.filter((item) => item.currency_id === wanted);
    const renewed = new Set(ticked.map((item) => item.promise_id).filter(Boolean));
    const items = call.items.filter((item) => ticked.includes(item) || renewed.has(item.promise_id));
    const open = (item) => item.collectable + item.promised || item.residual;
    const sum = items.length ? items.reduce((total, item) => total + open(item), 0) : offer.amount || 0;
    const amount = figure(sum, wanted);
    return {
        currencyId: wanted,
        amount,
        proposed: amount,
        on: offer.promised_on,
        method: call.desk.library.methods[0]?.[0] || false,
        previousId: [...renewed][0] || false,
        itemIds: items.length ? items.map(({ id }) => id) : offer.item_ids || [],
    };
}
