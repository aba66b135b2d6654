"""A night of `./dev bench`, inside Odoo: the nightly job itself, with its batches and commits; its parts are told apart."""
from tools.bench_clock import Stages

# Own methods whose time is told apart from the stage that calls them: model, method, stage, within.
WATCHED = (
    ("credit.profile", "_refresh_behaviour", "behaviour", "night"),
    ("credit.profile", "_refresh_limits", "limits", "night"),
    ("credit.profile", "_climb", "ladder", "night"),
    ("credit.profile", "_ask_review", "review", "night"),
    ("credit.profile", "_judge_promises", "promises", "night"),
    ("credit.profile", "_learn_payruns", "payruns", "night"),
    ("credit.profile", "_rank", "rank", "night"),
    ("collection.reader", "_read_conduct", "conduct", "ladder"),
    ("credit.profile", "_decide_stage", "decide", "ladder"),
    ("credit.profile", "_record_moves", "moves", "ladder"),
)
LADDER = ("ladder", "conduct", "decide", "moves")
DESK = ("rank", "payruns")


def watch_batches(env, batches):
    """Note what each batch of the nightly job costs in queries, and how many customers moved in it."""
    owner = type(env["credit.profile"])
    plain = owner._refresh

    def watched(self, *args, **kwargs):
        before = self.env.cr.sql_log_count
        result = plain(self, *args, **kwargs)
        self.env.flush_all()
        batches.append({"customers": len(self), "queries": self.env.cr.sql_log_count - before})
        return result

    owner._refresh = watched


def cpu(spent, *names):
    """CPU seconds of some parts together."""
    return round(sum(spent[name]["cpu_s"] for name in names if name in spent), 2)


def one_night(env, name, today):
    """The nightly job; what it cost by part and batch, and how many moved."""
    type(env.company)._collection_today = lambda self: today
    env.invalidate_all()
    before = env["credit.limit"].search_count([("source", "=", "ladder")])
    stages, batches = Stages(env.cr), []
    undo = [stages.watch(env[model], method, stage, within) for model, method, stage, within in WATCHED]
    plain = type(env["credit.profile"])._refresh
    watch_batches(env, batches)
    with stages.stage("night"):
        env["credit.profile"]._cron_refresh()
        env.cr.commit()
    type(env["credit.profile"])._refresh = plain
    for take_back in reversed(undo):
        take_back()
    spent = {stage: values.as_dict() for stage, values in stages.spent.items() if stage}
    moved = env["credit.limit"].search_count([("source", "=", "ladder")]) - before
    return {"name": name, "moved": moved, "batches": batches, "stages": spent, "cpu_s": cpu(spent, *spent),
            "wall_s": round(sum(values["wall_s"] for values in spent.values()), 2),
            "ladder_s": cpu(spent, *LADDER), "desk_s": cpu(spent, *DESK)}
