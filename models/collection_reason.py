"""The one table that turns reason codes of the engine into sentences for people."""
from datetime import date

from odoo.tools.misc import format_date
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

SENTENCES = {
    # why a customer is contacted
    "contact_one": _lt("%(document)s is 1 day past due"),
    "contact_before_one": _lt("%(document)s is due tomorrow"),
    "contact": _lt("%(document)s is %(days)s days past due"),
    "contact_before": _lt("%(document)s is due in %(days)s days"),
    "contact_today": _lt("%(document)s is due today"),
    "contact_payrun_none": _lt("%(document)s is due today; the customer's pay run on %(run)s takes documents until %(until)s"),
    "contact_payrun_one": _lt("%(document)s is due tomorrow; the customer's pay run on %(run)s takes documents until %(until)s"),
    "contact_payrun": _lt("%(document)s is due in %(days)s days; the customer's pay run on %(run)s takes documents until %(until)s"),
    # why a customer is not contacted
    "nothing_open": _lt("Nothing is open"),
    "nothing_due": _lt("No item has reached its next level"),
    "no_policy": _lt("No follow-up policy applies"),
    "no_level": _lt("The policy has no level"),
    "archived": _lt("The customer is archived; contact by hand"),
    "excluded": _lt("The customer is excluded from follow-up"),
    "held_out": _lt("Held out by an experiment: gets no automatic reminder while it runs"),
    "paused": _lt("Paused until %(until)s"),
    "quarantined": _lt("Stopped after repeated errors; see the activity"),
    "in_flight": _lt("An earlier message is still on its way"),
    "too_soon_none": _lt("Contacted today; %(gap)s days must lie between two contacts"),
    "too_soon_one": _lt("Contacted yesterday; %(gap)s days must lie between two contacts"),
    "too_soon": _lt("Contacted %(days)s days ago; %(gap)s days must lie between two contacts"),
    "cap_reached": _lt("Already %(count)s contacts within %(days)s days"),
    "quiet_day": _lt("Today is a day off"),
    "covered_by_credit": _lt("Credits and payments on account cover what is due"),
    "below_minimum": _lt("The amount is below the minimum"),
    "unreachable": _lt("No usable address for the channels of the level"),
    "in_transit": _lt("A payment is in transit"),
    "disputed": _lt("Under dispute"),
    "no_followup": _lt("Excluded from follow-up on the invoice"),
    "blocked": _lt("Payment of the invoice is blocked"),
    "promise": _lt("Promise until %(until)s"),
    "promised": _lt("Promised to pay"),
    # what the overview and the digest say about the time since the last month end
    "overview_first": _lt("What changes from month to month is told here after the first month end."),
    "overview_part": _lt("Branches that are not ticked are left out here, so nothing can be compared with the last month end."),
    "digest_first": _lt("%(now)s is overdue. There are no figures of the month before to compare with."),
    "overview_same": _lt("Overdue is what it was on %(day)s: %(now)s."),
    "overview_less": _lt("Overdue fell by %(amount)s since %(day)s, to %(now)s."),
    "overview_less_segment": _lt("Overdue fell by %(amount)s since %(day)s, to %(now)s; the most in the segment “%(segment)s”."),
    "overview_more": _lt("Overdue rose by %(amount)s since %(day)s, to %(now)s."),
    "overview_more_segment": _lt("Overdue rose by %(amount)s since %(day)s, to %(now)s; the most in the segment “%(segment)s”."),
    # why there is no early payment discount
    "discount_overdue": _lt("No early payment discount: the customer owes %(amount)s past its due date"),
    "discount_plan_default": _lt("No early payment discount: the customer broke a payment plan"),
    "discount_disputed": _lt("No early payment discount: the invoice is disputed"),
    "plan": _lt("In an active payment plan"),
    # payment plans: why they stand as they do, what breaks them, why a manager is asked
    "plan_offered": _lt("A payment plan is offered until %(until)s"),
    "plan_part": _lt("Part %(number)s"),
    "plan_down": _lt("Down payment"),
    "plan_why_draft": _lt("Not offered yet"),
    "plan_why_offered": _lt("The customer may accept it until %(until)s; nobody is reminded until then"),
    "plan_why_active": _lt("Kept to so far; next %(next)s on %(on)s"),
    "plan_why_late": _lt("%(amount)s is missing, the oldest part for %(days)s days"),
    "plan_why_late_one": _lt("%(amount)s is missing since yesterday"),
    "plan_why_ended": _lt("Everything was paid by %(ended)s"),
    "plan_why_lapsed": _lt("The customer did not accept it until %(until)s"),
    "plan_broken_days_late": _lt("Broken on %(on)s: a part was %(late)s days late"),
    "plan_broken_missed": _lt("Broken on %(on)s: parts missed: %(missed)s"),
    "plan_broken_shortfall": _lt("Broken on %(on)s: %(short)s %% of what was due is missing"),
    "plan_broken_new_overdue": _lt("Broken on %(on)s: a new invoice outside the plan was %(late)s days late"),
    "plan_asks_fit": _lt("The template is meant for other customers or amounts"),
    "plan_asks_first": _lt("The first payment comes late"),
    "plan_asks_amount": _lt("The amount is above what collectors may agree on"),
    "plan_asks_count": _lt("It has more parts than collectors may agree on"),
    "plan_asks_down": _lt("The down payment is smaller than the template says"),
    "plan_asks_cost": _lt("It costs the customer less than the template says"),
    "plan_asks_waive": _lt("Charges would be waived"),
    "plan_asks_year": _lt("The customer had a plan within a year already"),
    # the same in the customer's chatter: no amounts
    "plan_note_offered": _lt("Payment plan %(plan)s offered until %(until)s: %(items)s"),
    "plan_note_active": _lt("Payment plan %(plan)s is in force: %(items)s"),
    "plan_note_finished": _lt("Payment plan %(plan)s is paid: %(items)s"),
    "plan_note_reopened": _lt("A payment was taken back: payment plan %(plan)s is open again"),
    "plan_note_revived": _lt("Payment plan %(plan)s was paid in time after all and is in force again: %(items)s"),
    "plan_note_broken": _lt("Payment plan %(plan)s is broken; follow-up goes on: %(items)s"),
    "plan_note_cancelled": _lt("Payment plan %(plan)s was cancelled; follow-up goes on: %(items)s"),
    "plan_note_lapsed": _lt("Payment plan %(plan)s was not accepted in time: %(items)s"),
    "settlement": _lt("A settlement is offered until %(until)s"),
    "settlement_taken_silent": _lt("A settlement was taken and is about to be booked"),
    # why a planned contact was not sent
    "needs_approval": _lt("Waits for approval"),
    "bank_stale": _lt("Bank data is %(age)s days old; waits for approval"),
    "settled": _lt("Paid meanwhile"),
    "now_overdue": _lt("Became overdue before the reminder went out"),
    "not_done": _lt("Not done within %(days)s days"),
    "by_user": _lt("Stopped by %(user)s"),
    "skipped": _lt("Level skipped by %(user)s"),
    "merged": _lt("The customer was merged with another one"),
    "no_template": _lt("Level “%(level)s” has no text for the channel %(channel)s"),
    "template_error": _lt("The text “%(template)s” cannot be rendered: %(error)s"),
    "attachment_damaged": _lt("An attachment is damaged"),
    "delivery_error": _lt("Delivery failed: %(error)s"),
    "bounced": _lt("The message came back"),
    "bad_address": _lt("The address was refused: %(error)s"),
    "unknown_outcome": _lt("The connection broke while sending; it may or may not have arrived"),
    "error": _lt("Stopped by an error: %(error)s"),
    # what came of an invoice in a charge run
    "charge_charged": _lt("Charged"),
    "charge_error": _lt("Customers that could not be worked out; the log names them"),
    "charge_capped": _lt("Charged up to the cap of the rule"),
    "charge_no_rule": _lt("No charge rule applies to the customer"),
    "charge_no_interest": _lt("The rule has no interest"),
    "charge_until_paid": _lt("Charged once it is paid"),
    "charge_no_currency": _lt("Its currency is archived"),
    "charge_not_late": _lt("Not late yet"),
    "charge_in_grace": _lt("Within the days of grace"),
    "charge_waiting": _lt("Waits for the reminder, or for the month to be full"),
    "charge_paid_in_time": _lt("Paid in time"),
    "charge_stopped": _lt("In dispute or in a payment plan on these days"),
    "charge_before_start": _lt("Late before charges began"),
    "charge_cancelled": _lt("Cancelled; what was charged for it is credited"),
    "charge_charged_before": _lt("All its days are charged or waived already"),
    "charge_nothing_open": _lt("Nothing was open on these days"),
    "charge_no_rate": _lt("No reference rate is known for these days"),
    "charge_below_minimum": _lt("Below the minimum; waits for more to come"),
    "charge_cap_reached": _lt("The cap of the rule is reached"),
    "charge_no_followup": _lt("Left out of follow-up on the invoice"),
    "experiment_over": _lt("The experiment “%(experiment)s” is over: what is in force counts again"),
    # what an arm of an experiment tells, in percentage points
    "experiment_nobody": _lt("Nobody was looked at long enough yet"),
    "experiment_unclear": _lt("Not told from chance yet: the difference lies between %(low)s and %(high)s points"),
    "experiment_more": _lt("%(points)s points more pay in time; with a certainty of 95 %% between %(low)s and %(high)s points more"),
    "experiment_less": _lt("%(points)s points fewer pay in time; with a certainty of 95 %% between %(low)s and %(high)s points fewer"),
    "experiment_left": _lt("%(verdict)s (customers in it that were treated otherwise than drawn, and count as drawn: %(count)s)"),
    # what became of a promise
    "promise_open": _lt("Nothing has come in yet"),
    "promise_open_part": _lt("%(paid)s has come in, %(missing)s is missing"),
    "promise_kept": _lt("%(paid)s came in, the last on %(on)s"),
    "promise_partly": _lt("%(paid)s came in until %(until)s, %(missing)s was missing"),
    "promise_broken": _lt("Nothing came in until %(until)s"),
    "promise_withdrawn": _lt("Nothing was left to pay"),
    # what the customer's chatter tells of promises: words, no amounts
    "promise_note_taken": _lt("Promised to pay %(items)s by %(on)s"),
    "promise_note_again": _lt("Promised once more to pay %(items)s by %(on)s (promise no. %(number)s)"),
    "promise_note_kept": _lt("Promise kept: %(items)s by %(on)s"),
    "promise_note_partly": _lt("Promise kept in part only: %(items)s by %(on)s"),
    "promise_note_broken": _lt("Promise broken: %(items)s by %(on)s"),
    "promise_note_withdrawn": _lt("Promise withdrawn: %(items)s by %(on)s"),
    "promise_note_settled": _lt("Promise settled without a payment: %(items)s by %(on)s"),
    "promise_note_open": _lt("Promise open again, a payment was taken back: %(items)s by %(on)s"),
    "promise_note_balance": _lt("the balance"),
    "promise_note_many": _lt("%(items)s and %(count)s more"),
    # what became of a settlement offer
    "settlement_draft": _lt("Not offered yet"),
    "settlement_to_approve": _lt("Waits for a credit manager"),
    "settlement_offered": _lt("Nothing has come in yet"),
    "settlement_on_its_way": _lt("A payment is on its way; it may arrive until %(held_until)s"),
    "settlement_offered_part": _lt("%(paid)s has come in, %(missing)s is missing until %(until)s"),
    "settlement_taken": _lt("Paid on %(taken_on)s; what is given up is about to be booked"),
    "settlement_booked": _lt("Paid on %(taken_on)s and closed; %(given)s was given up"),
    "settlement_book_error": _lt("Paid on %(taken_on)s, but it could not be booked: %(error)s"),
    "settlement_bounced": _lt("Paid on %(taken_on)s, but the payment was taken back on %(bounced_on)s"),
    "settlement_undone": _lt("Paid on %(taken_on)s, but since %(undone_on)s what was given up is not booked any more"),
    "settlement_lapsed": _lt("Nothing came in until %(until)s"),
    "settlement_lapsed_part": _lt("%(paid)s came in until %(until)s, %(missing)s was missing"),
    "settlement_withdrawn": _lt("Withdrawn: %(why)s"),
    "settlement_withdrawn_plain": _lt("Withdrawn"),
    # why the floor of an offer is where it is, and what pressing the button does
    "settlement_term_chance": _lt("%(share)s %% of debts that are %(days)s days late are still paid: %(amount)s"),
    "settlement_term_fee": _lt("An agency keeps %(share)s %%: %(amount)s is left"),
    "settlement_term_interest": _lt("That comes in %(months)s months, at %(share)s %% a year: it is worth %(amount)s today"),
    "settlement_term_handling": _lt("Less %(cost)s for handling: at least %(amount)s is worth accepting"),
    "settlement_below_floor": _lt("%(amount)s is below %(floor)s, the least to accept."),
    "settlement_above_right": _lt("%(given)s would be given up; collectors may give up %(limit)s."),
    "settlement_verdict_fine": _lt("It may be offered: it brings at least what the debt would bring otherwise."),
    "settlement_verdict_nothing": _lt("Nothing would be given up: choose a lower amount."),
    "settlement_verdict_below": _lt("Below the least to accept: a credit manager has to approve it. Say why it is worth it."),
    "settlement_verdict_below_manager": _lt("Below the least to accept: say why it is offered all the same."),
    "settlement_verdict_above": _lt("More than collectors may give up: a credit manager has to approve it."),
    "settlement_signed": _lt("Settlement %(number)s, offered by %(maker)s"),
    "settlement_signed_approved": _lt("Settlement %(number)s, offered by %(maker)s, approved by %(manager)s: %(why)s"),
    # what the customer's chatter tells of settlement offers: words, no amounts
    "settlement_note_offered": _lt("Settlement offered until %(until)s: %(items)s"),
    "settlement_note_taken": _lt("Settlement offer taken: %(items)s"),
    "settlement_note_lapsed": _lt("Settlement offer until %(until)s lapsed: %(items)s"),
    "settlement_note_refused": _lt("Settlement offer not approved: %(items)s"),
    "settlement_note_withdrawn": _lt("Settlement offer withdrawn: %(items)s"),
    "settlement_note_open_again": _lt("Settlement offer open again, a payment was taken back: %(items)s"),
    "settlement_note_bounced": _lt("The payment of a settlement was taken back: %(items)s"),
    "settlement_note_undone": _lt("What a settlement gave up is not booked any more: %(items)s"),
    "settlement_note_taken_back": _lt("Settlement taken back, it is owed again: %(items)s"),
    # what the customer's chatter tells of disputes: words, no amounts
    "dispute_opened": _lt("Dispute about %(document)s: %(reason)s"),
    "dispute_escalated": _lt("Dispute about %(document)s not cleared up in time: %(reason)s"),
    "dispute_reopened": _lt("Dispute about %(document)s is open again: %(reason)s"),
    "dispute_cancelled": _lt("Dispute about %(document)s ended, the invoice was cancelled: %(reason)s"),
    "dispute_closed_credit_note": _lt("Dispute about %(document)s ended with a credit note: %(reason)s"),
    "dispute_closed_rejected": _lt("Dispute about %(document)s rejected: %(reason)s"),
    "dispute_closed_replaced": _lt("Dispute about %(document)s ended, the goods were replaced: %(reason)s"),
    "dispute_closed_written_off": _lt("Dispute about %(document)s ended, the rest was written off: %(reason)s"),
    "dispute_closed_withdrawn": _lt("Dispute about %(document)s withdrawn by the customer: %(reason)s"),
    "dispute_closed_paid": _lt("Dispute about %(document)s ended, it was paid after all: %(reason)s"),
    # what everybody may know of a customer: words, no amounts
    "plain_news": _lt("There is news about the customer's payments; the notes tell more"),
    "plain_hold": _lt("On credit hold"),
    "plain_stopped": _lt("The customer is served no more"),
    "plain_refused": _lt("Refuses to pay"),
    "plain_unkept": _lt("Did not pay as agreed"),
    "plain_dispute": _lt("A dispute is open: %(reason)s"),
    "plain_disputes": _lt("Disputes are open: %(count)s"),
    "plain_plan": _lt("A payment plan was asked for"),
    "plain_plan_offered": _lt("A payment plan is offered until %(until)s"),
    "plain_plan_active": _lt("Pays in parts, the next on %(on)s"),
    "plain_plan_late": _lt("Pays in parts, and is late with the part of %(on)s"),
    "plain_promised": _lt("Promised to pay by %(on)s"),
    "plain_reminded": _lt("Reminded on %(on)s"),
    # when a customer pays, and how we know
    "payrun_weekly": _lt("Every %(weekday)s"),
    "payrun_fortnightly": _lt("Every second %(weekday)s"),
    "payrun_monthly": _lt("On these days of the month: %(list)s"),
    "payrun_monthly_one": _lt("On day %(list)s of the month"),
    "payrun_monthly_last": _lt("On the last day of the month"),
    "payrun_nth_1": _lt("On the first %(weekday)s of the month"),
    "payrun_nth_2": _lt("On the second %(weekday)s of the month"),
    "payrun_nth_3": _lt("On the third %(weekday)s of the month"),
    "payrun_nth_4": _lt("On the fourth %(weekday)s of the month"),
    "payrun_nth_last": _lt("On the last %(weekday)s of the month"),
    "payrun_next": _lt("%(rhythm)s, documents by %(until)s; next run %(run)s"),
    "payrun_open": _lt("%(rhythm)s; documents by %(until)s for the run of %(run)s"),
    "payrun_moved": _lt("%(rhythm)s; documents by %(until)s for the run of %(run)s, moved from a day off"),
    "payrun_learnt": _lt("Learnt from %(hits)s of %(count)s payments"),
    "payrun_entered": _lt("Entered by a person"),
    # what a segment asks for, and why a customer is in it
    "segment_sizes": _lt("Size %(value)s"),
    "segment_payers": _lt("Payer: %(value)s"),
    "segment_grades": _lt("Payer grade %(value)s"),
    "segment_risks": _lt("Risk class %(value)s"),
    "segment_billing": _lt("%(value)s billed in 12 months"),
    "segment_days": _lt("%(value)s days late on average"),
    "segment_countries": _lt("Country: %(value)s"),
    "segment_tags": _lt("Has a tag of the segment"),
    "segment_tagged": _lt("Tag: %(value)s"),
    "segment_rest": _lt("Fits no segment before it"),
    "segment_billing_from": _lt("At least %(start)s billed in 12 months"),
    "segment_billing_below": _lt("Less than %(end)s billed in 12 months"),
    "segment_billing_between": _lt("From %(start)s to below %(end)s billed in 12 months"),
    "segment_days_from": _lt("At least %(start)s days late on average"),
    "segment_days_below": _lt("Less than %(end)s days late on average"),
    "segment_days_between": _lt("From %(start)s to below %(end)s days late on average"),
    "segment_none": _lt("Fits no segment any more"),
    "segment_by_hand": _lt("Chosen by hand; it stays until somebody takes it away"),
    "segment_moved_by_hand": _lt("Chosen by %(user)s"),
    "segment_taken_over": _lt("Chosen by hand for “%(customer)s”, which was merged into this customer"),
    "segment_next": _lt("Fits “%(segment)s” since %(since)s; moves there on %(on)s if that lasts"),
    "segment_next_none": _lt("Fits no segment since %(since)s; leaves on %(on)s if that lasts"),
    # what a credit limit rests on
    "limit_no_limit": _lt("No limit was decided"),
    "limit_default": _lt("The company's limit for all customers"),
    "limit_base": _lt("Base limit until %(until)s"),
    "limit_base_open": _lt("Base limit"),
    "limit_temporary": _lt("Temporary limit until %(until)s"),
    "limit_group": _lt("Limit of the group"),
    "limit_expired": _lt("The limit ended on %(until)s"),
    # why a customer stays on the ladder, moves on it, and what is missing to rise
    "ladder_top": _lt("On the highest stage under the approved ceiling"),
    "ladder_bottom": _lt("On the lowest stage, and not keeping to it: a person should decide"),
    "ladder_cooling_down": _lt("Nothing moves before %(until)s, after the last fall"),
    "ladder_missing": _lt("To rise, this is missing:"),
    "ladder_rise": _lt("Rises to the next stage"),
    "ladder_rose": _lt("Rose to “%(stage)s”: everything the stage asks for was met"),
    "ladder_fell_late": _lt("Fell to “%(stage)s”: an invoice was %(days)s days late, more than %(most)s"),
    "ladder_fell_broken": _lt("Fell to “%(stage)s”: %(count)s promises were broken"),
    "ladder_gap_on_time": _lt("%(have)s of the last invoices paid in time, %(need)s are needed"),
    "ladder_gap_turnover": _lt("%(have)s paid on this stage, %(need)s are needed"),
    "ladder_gap_use": _lt("Used up to %(have)s, %(need)s are needed"),
    "ladder_gap_average": _lt("%(have)s days late on average, at most %(need)s are allowed"),
    "ladder_gap_quiet": _lt("%(have)s days since the last broken promise, %(need)s are needed"),
    "ladder_gap_days": _lt("%(have)s days on this stage, %(need)s are needed"),
    # why an order or invoice waits; the plain ones tell nothing of the receivables
    "hold_over_limit": _lt("Over the limit by %(over)s (limit %(limit)s, used %(used)s)"),
    "hold_nearly": _lt("The limit is nearly used up: %(used)s of %(limit)s"),
    "hold_prepay": _lt("The customer pays in advance: %(over)s would be on credit"),
    "hold_overdue": _lt("%(amount)s is overdue, the oldest %(document)s for %(days)s days"),
    "hold_overdue_one": _lt("%(amount)s is overdue, the oldest %(document)s for 1 day"),
    "hold_expired": _lt("The credit limit ended on %(on)s"),
    "hold_level": _lt("%(document)s reached the follow-up level “%(level)s”"),
    "hold_broken_promises": _lt("Broken promises to pay within %(days)s days: %(count)s"),
    "hold_broken_promises_none": _lt("Broken promises to pay: %(count)s"),
    "hold_stopped": _lt("The customer is served no more: %(why)s"),
    "hold_plain_over_limit": _lt("The customer's credit limit would be exceeded"),
    "hold_plain_nearly": _lt("The customer's credit limit would nearly be used up"),
    "hold_plain_prepay": _lt("The customer pays in advance"),
    "hold_plain_overdue": _lt("The customer has overdue invoices"),
    "hold_plain_expired": _lt("The customer's credit limit has to be reviewed"),
    "hold_plain_level": _lt("The customer has not answered our reminders"),
    "hold_plain_broken_promises": _lt("The customer did not pay as agreed"),
    "hold_plain_stopped": _lt("The customer is served no more"),
    # why a customer is on the worklist
    "work_broken_promise_none": _lt("A promise fell through today"),
    "work_broken_promise_one": _lt("A promise fell through yesterday"),
    "work_broken_promise": _lt("A promise fell through %(days)s days ago"),
    "work_callback_none": _lt("A call was agreed for today"),
    "work_callback_one": _lt("A call was agreed for yesterday"),
    "work_callback": _lt("A call was agreed for %(days)s days ago"),
    "work_call_due_none": _lt("The follow-up asks for a call today"),
    "work_call_due_one": _lt("The follow-up has asked for a call since yesterday"),
    "work_call_due": _lt("The follow-up has asked for a call for %(days)s days"),
    "work_amount": _lt("At least %(amount)s to collect"),
    "work_days_late_one": _lt("The oldest invoice is 1 day late"),
    "work_days_late": _lt("The oldest invoice is %(days)s days late"),
    "work_limit_used": _lt("%(share)s %% of the credit limit is used"),
    "work_no_reaction": _lt("No payment in the %(days)s days since the last reminder"),
    "work_no_reaction_one": _lt("No payment since the reminder of yesterday"),
    "work_silent": _lt("Nothing was heard for %(days)s days"),
    "work_silent_ever": _lt("Never contacted"),
    "work_payer_new": _lt("A new customer"),
    "work_payer_prompt": _lt("Usually pays on time"),
    "work_payer_occasional": _lt("Pays late now and then"),
    "work_payer_chronic": _lt("Often pays late"),
    "work_pay_run_none": _lt("Its pay run takes documents until today"),
    "work_pay_run_one": _lt("Its pay run takes documents until tomorrow"),
    "work_pay_run": _lt("Its pay run takes documents for %(days)s more days"),
    # what of an overdue amount is not called about
    "left_promised": _lt("Promised"),
    "left_disputed": _lt("Under dispute"),
    "left_in_transit": _lt("On its way"),
    "left_credit": _lt("Covered by credits"),
    "left_noticed": _lt("Reminded just now"),
    "left_paused": _lt("Left alone for now"),
    # what a call came to
    "call_promise": _lt("Promise of %(promise)s"),
    "call_dispute": _lt("Dispute: %(dispute)s"),
    "call_plan": _lt("Asked to pay in %(parts)s parts from %(first)s; not reminded until %(until)s"),
    "call_plan_again": _lt("Asked again to pay in %(parts)s parts from %(first)s; reminders go on"),
    "call_copy": _lt("Copies of %(count)s invoices sent to %(address)s"),
    "call_copy_one": _lt("A copy of the invoice sent to %(address)s"),
    "call_callback": _lt("Call back on %(on)s at %(at)s"),
    "call_no_answer": _lt("No answer; again on %(on)s"),
    "call_wrong_contact": _lt("Wrong contact; again on %(on)s"),
    "call_refuses": _lt("Refuses to pay"),
    # the same in the customer's chatter, which everybody reads: no amounts, no words of the customer
    "noted_plan": _lt("On the telephone: asked for a payment plan"),
    "noted_copy": _lt("On the telephone: copies of invoices asked for and sent"),
    "noted_callback": _lt("On the telephone: to be called back on %(on)s"),
    "noted_no_answer": _lt("Called, nobody answered; again on %(on)s"),
    "noted_wrong_contact": _lt("Called, but this was not the right contact"),
    "noted_refuses": _lt("On the telephone: refuses to pay"),
    "noted_undone": _lt("The last call was entered by mistake and taken back"),
    "plan_asked": _lt("A payment plan was asked for; reminded again after %(until)s"),
    # when to call
    "call_later": _lt("Better from %(on)s, %(at)s"),
    "last_contact_none": _lt("Last contact today"),
    "last_contact_one": _lt("Last contact yesterday"),
    "last_contact": _lt("Last contact %(days)s days ago"),
    "again_morning": _lt("Again on %(on)s in the morning"),
    "again_afternoon": _lt("Again on %(on)s in the afternoon"),
    "way_pay": _lt("Payment of %(items)s releases it"),
    "way_deposit": _lt("A deposit of %(amount)s (%(share)s %%) releases it"),
}


# Several customers under one reason: without the details of each.
HEADINGS = {
    "paused": _lt("Paused"),
    "too_soon": _lt("Contacted too recently"),
    "cap_reached": _lt("Contacted often enough"),
    "promise": _lt("Promised to pay"),
    "plan_offered": _lt("A payment plan is offered"),
    "not_done": _lt("Not done in time"),
    "error": _lt("Stopped by an error"),
}
SMALL_NUMBERS = {0: "_none", 1: "_one"}


def heading(env, code):
    """What unites the customers that have the same reason, in the reader's language."""
    return env._(HEADINGS[code]) if code in HEADINGS else describe(env, code)


def describe(env, code, detail=None):
    """Return the sentence for ``code`` in the reader's language; dates in ``detail`` are ISO texts.

    A code without a sentence is shown as it is; missing details never raise.
    """
    if not code:
        return ""
    detail = {key: _localize(env, value) for key, value in (detail or {}).items()}
    sentence = SENTENCES.get(code + SMALL_NUMBERS.get(detail.get("days"), ""), SENTENCES.get(code))
    if sentence is None:
        return code
    text = env._(sentence)
    try:
        return text % detail
    except (KeyError, ValueError, TypeError):
        return text


def jsonable(detail):
    """Make the engine's detail storable: dates as ISO texts, tuples as lists."""
    return {
        key: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        for key, value in detail.items() if value is not None
    }


def _localize(env, value):
    if isinstance(value, str) and len(value) == 10 and value[4:5] == "-" and value[7:8] == "-":
        try:
            return format_date(env, date.fromisoformat(value))
        except ValueError:
            return value
    return value


def clock(hours):
    """“9:30” of 9.5, as clocks are read everywhere."""
    minutes = round((hours or 0) * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
