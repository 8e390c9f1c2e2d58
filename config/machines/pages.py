"""The pages of the machines: an index with a drawing for each, and a page for every state."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from companies.policies import POLICIES
from config.machines import aftersales, drawing, members, money, orders, supplying
from config.machines.reading import Machine, Step, Wait, Words
from config.machines.words import WHO

MACHINES: tuple[Machine, ...] = (
    *orders.MACHINES,
    *aftersales.MACHINES,
    *members.MACHINES,
    *supplying.MACHINES,
    *money.MACHINES,
)
UNITS = {
    "minutes": Words("分钟", "minutes"),
    "hours": Words("小时", "hours"),
    "days": Words("天", "days"),
}
MADE = (
    "<!-- 由 `manage.py document_machines` 生成，请勿手改。"
    " Made by `manage.py document_machines`; do not edit. -->"
)
Tell = Callable[[Words], str]


@cache
def pages() -> Mapping[str, str]:
    """Return every file below `docs/states/`, by its path."""
    found = {"README.md": _contents()}
    for machine in MACHINES:
        found[f"{machine.slug}/machine.svg"] = drawing.svg(machine)
        found[f"{machine.slug}/index.md"] = _index(machine)
        for state in machine.states:
            found[f"{machine.slug}/{state}.md"] = _state(machine, state)
    return found


def _contents() -> str:
    rows = [
        [
            f"[{machine.title.chinese} · {machine.title.english}]({machine.slug}/index.md)",
            machine.about.chinese,
            machine.about.english,
        ]
        for machine in MACHINES
    ]
    return _page(
        "# 状态 · States",
        "每个状态机一张图，每个状态一页：含义、下一步由谁做、期限与默认结果。",
        "One drawing a machine, one page a state: what it means, who may do what next, "
        "until when, and what happens by itself.",
        _table(["状态机 · machine", "说明", "about"], rows),
    )


def _index(machine: Machine) -> str:
    rows = [
        [
            f"[{machine.label(state).chinese} `{state}`]({state}.md)",
            meaning.chinese,
            meaning.english,
        ]
        for state, meaning in machine.states.items()
    ]
    return _page(
        f"# {machine.title.chinese} · {machine.title.english}",
        machine.about.chinese,
        machine.about.english,
        f"![{machine.title.chinese}](machine.svg)",
        _table(["状态 · state", "含义", "meaning"], rows),
        "[全部状态机 · all machines](../README.md)",
    )


def _state(machine: Machine, state: str) -> str:
    label = machine.label(state)
    chinese = _half(
        machine,
        state,
        _chinese,
        heading="下一步",
        columns=["谁", "动作", "到", "含义"],
        end="这是终点，不再变化。",
        waits=f"**期限**：{_waits(machine.waits.get(state, ()), _chinese)}",
        calls="**接口**：",
    )
    english = _half(
        machine,
        state,
        _english,
        heading="What comes next",
        columns=["who", "step", "to", "meaning"],
        end="This is an end; nothing follows.",
        waits=f"**Deadline**: {_waits(machine.waits.get(state, ()), _english)}",
        calls="**API**: ",
    )
    return _page(
        f"# {label.chinese} `{state}`",
        f"[{machine.title.chinese} · {machine.title.english}](index.md)",
        *chinese,
        f"# {label.english} `{state}`",
        *english,
    )


def _half(
    machine: Machine,
    state: str,
    tell: Tell,
    *,
    heading: str,
    columns: list[str],
    end: str,
    waits: str,
    calls: str,
) -> list[str]:
    """Return a state's page in one language."""
    parts = [tell(machine.states[state])]
    steps = [step for step in machine.steps if step.source == state]
    if not steps:
        parts.append(end)
    else:
        rows = [_row(machine, step, tell) for step in steps]
        parts += [f"## {heading}", _table(columns, rows), waits]
    addresses = machine.calls.get(state, ())
    if addresses:
        parts.append(calls + " ".join(f"`{address}`" for address in addresses))
    return parts


def _row(machine: Machine, step: Step, tell: Tell) -> list[str]:
    comma = "、" if tell is _chinese else ", "
    return [
        comma.join(tell(WHO[who]) for who in step.by),
        f"`{step.name}`",
        f"[{tell(machine.label(step.target))}]({step.target}.md)",
        tell(step.meaning),
    ]


def _waits(waits: Sequence[Wait], tell: Tell) -> str:
    if not waits:
        return tell(Words("没有期限。", "none."))
    told = [_wait(wait, tell) for wait in waits]
    return "；".join(told) + "。" if tell is _chinese else "; ".join(told) + "."


def _wait(wait: Wait, tell: Tell) -> str:
    unit = tell(UNITS[wait.unit])
    default = POLICIES[wait.policy].default
    if tell is _chinese:
        return f"{default} {unit}（设置项 `{wait.policy}`），到期：{wait.outcome.chinese}"
    return f"{default} {unit} (policy `{wait.policy}`), then: {wait.outcome.english}"


def _chinese(words: Words) -> str:
    return words.chinese


def _english(words: Words) -> str:
    return words.english


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(*parts: str) -> str:
    return "\n\n".join([MADE, *parts]) + "\n"
