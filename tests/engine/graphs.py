"""Random flows: how to build them, and what they must give, worked out on plain values.

A program is a list of nodes that pass an integer on. `build` makes a TriggerFlow of it,
`expected` computes its result and which chunks run how often, without any engine.
"""

from collections import Counter

from hypothesis import strategies as st

from flows import TriggerFlow

MODULUS = 100_003
EVEN = 2


def mixed(value, salt):
    return (value * 31 + salt * 7 + 1) % MODULUS


def answer_to(payload):
    """What the driver answers to a question, and the model knows."""
    return mixed(payload["value"], payload["node"] + 500)


# -- programs ---------------------------------------------------------------------------------
def programs(depth=4, *, top=True):
    """Lists of nodes. Each node is a dict with "kind" and, once `numbered`, its own "id"."""
    leaf = st.sampled_from(["plain", "next", "self", "fragile", "retried", "side", "same"])
    kinds = st.builds(lambda kind: {"kind": kind}, leaf)
    if top:
        kinds |= st.sampled_from(["event", "all"]).map(lambda kind: {"kind": kind})
    if depth:
        inner = programs(depth - 1, top=False)
        limit = st.none() | st.integers(1, 3)
        kinds |= st.builds(
            lambda n, limit, body: {"kind": "each", "n": n, "limit": limit, "body": body},
            st.integers(0, 4), limit, inner,
        )  # fmt: skip
        branches = st.lists(st.sampled_from(["plain", "next", "self", "fragile"]), min_size=1, max_size=4)
        kinds |= st.builds(
            lambda branches, limit: {"kind": "batch", "branches": branches, "limit": limit}, branches, limit
        )
        kinds |= branches.map(lambda branches: {"kind": "collect", "branches": branches})
        kinds |= st.builds(lambda a, b: {"kind": "if", "then": a, "else": b}, inner, inner)
        kinds |= st.builds(lambda a, b: {"kind": "match", "bodies": [a, b]}, inner, inner)
        kinds |= st.builds(lambda body: {"kind": "sub", "body": body}, inner)
    return st.lists(kinds, max_size=3)


def numbered(program, counter=None):
    """The same program with an id in every node."""
    counter = counter if counter is not None else iter(range(1, 10_000))
    done = []
    for node in program:
        copied = {**node, "id": next(counter)}
        for name in ("body", "then", "else"):
            if name in node:
                copied[name] = numbered(node[name], counter)
        if "bodies" in node:
            copied["bodies"] = [numbered(body, counter) for body in node["bodies"]]
        if "branches" in node:
            copied["branches"] = [{"kind": kind, "id": next(counter)} for kind in node["branches"]]
        done.append(copied)
    return done


# -- the model ----------------------------------------------------------------------------------
def expected(program, value):
    """(result, how often each chunk commits by (id, input))."""
    log = Counter()
    return run(program, value, log), log


def run(program, value, log):
    for node in program:
        value = step(node, value, log)
    return value


def step(node, value, log):
    kind, id = node["kind"], node["id"]
    if kind in ("plain", "fragile", "retried"):
        log[id, value] += 1
        return mixed(value, id)
    if kind == "side":
        log[id, value] += 1
        return value
    if kind in ("next", "event"):
        return answer_to({"node": id, "value": value})
    if kind == "self":
        log[id, value] += 1
        return mixed(answer_to({"node": id, "value": value}), id)
    if kind == "same":
        log[id, value] += 1
        return value
    return BLOCKS[kind](node, value, log)


def each(node, value, log):
    items = [run(node["body"], mixed(value, index), log) for index in range(node["n"])]
    return folded(items)


def batch(node, value, log):
    return folded([step(branch, value, log) for branch in node["branches"]])


def choice(node, value, log):
    return run(node["then"] if value % EVEN == 0 else node["else"], value, log)


def match(node, value, log):
    return folded(
        [run(body, value, log) for body, hit in zip(node["bodies"], hits(value), strict=True) if hit]
    )


def hits(value):
    return [True, value % EVEN == 0]


def folded(values):
    total = 17
    for value in values:
        total = mixed(total, value)
    return total


def everything(node, value, log):
    log[node["id"], value] += 1
    return folded([value, value + 1])


BLOCKS = {
    "each": each,
    "batch": batch,
    "collect": batch,
    "all": everything,
    "if": choice,
    "match": match,
    "sub": lambda node, value, log: run(node["body"], value, log),
}


# -- the flow --------------------------------------------------------------------------------------
class Builder:
    """Makes one TriggerFlow of a program. `runs` counts what chunks commit, by (id, input)."""

    def __init__(self, name, commits):
        self.flow, self.commits = TriggerFlow(name=name), commits

    def build(self, program):
        end = self.flow.chunk("end")(lambda data: data.set_result(data.input))
        self.extend(self.flow.to(self.flow.chunk("begin")(lambda data: data.input)), program).to(end)
        return self.flow

    def extend(self, chain, program):
        for node in program:
            chain = self.add(chain, node)
        return chain

    def add(self, chain, node):
        return getattr(self, f"add_{node['kind']}", self.add_leaf)(chain, node)

    def add_leaf(self, chain, node):
        return chain.to(self.leaf(node))

    def add_event(self, chain, node):
        return chain.to(self.leaf(node)).when(f"E{node['id']}")

    def add_all(self, chain, node):
        id = node["id"]
        chain = chain.to(self.leaf(node)).when([f"A{id}", f"B{id}"])
        return chain.to(self.chunk(id, "fold", lambda data: folded(data.input["event"].values())))

    def add_side(self, chain, node):
        return chain.side_branch(self.leaf(node))

    def add_batch(self, chain, node):
        chain = chain.batch(*map(self.leaf, node["branches"]), concurrency=node["limit"])
        return chain.to(self.chunk(node["id"], "fold", lambda data: folded(data.input.values())))

    def add_collect(self, chain, node):
        for branch in node["branches"]:
            collected = chain.to(self.leaf(branch)).collect(f"c{node['id']}", str(branch["id"]))
        return collected.to(self.chunk(node["id"], "fold", lambda data: folded(data.input.values())))

    def add_each(self, chain, node):
        id = node["id"]
        spread = self.chunk(id, "spread", lambda data: [mixed(data.input, i) for i in range(node["n"])])
        chain = self.extend(chain.to(spread).for_each(node["limit"]), node["body"])
        return chain.end_for_each().to(self.chunk(id, "fold", lambda data: folded(data.input)))

    def add_if(self, chain, node):
        even = self.chunk(node["id"], "even", lambda data: data.input % EVEN == 0)
        chain = self.extend(chain.if_condition(even), node["then"]).else_condition()
        return self.extend(chain, node["else"]).end_condition()

    def add_match(self, chain, node):
        chain, id = chain.match("hit_all"), node["id"]
        for index, body in enumerate(node["bodies"]):
            hit = self.chunk(id, f"hit {index}", lambda data, index=index: hits(data.input)[index])
            chain = self.extend(chain.case(hit), body)
        return chain.end_match().to(self.chunk(id, "fold", lambda data: folded(data.input)))

    def add_sub(self, chain, node):
        return chain.to(Builder(f"sub{node['id']}", self.commits).build(node["body"]))

    def chunk(self, id, name, function):
        return self.flow.chunk(f"{id} {name}")(function)

    def leaf(self, node):
        kind, id = node["kind"], node["id"]
        options = {"retries": 1} if kind == "retried" else {}
        return self.flow.chunk(f"{id} {kind}", **options)(lambda data: self.act(kind, id, data))

    def act(self, kind, id, data):
        payload = {"node": id, "value": data.input}
        if kind == "next":
            return data.pause_for(payload=payload)
        if kind == "event":
            return data.pause_for(payload=payload, resume_event=f"E{id}")
        if kind == "self" and not data.is_resume:
            return data.pause_for(payload=payload, resume_to="self")
        if kind in ("fragile", "retried") and data.attempt == 1:
            data.append_state("dropped", id)
            raise ConnectionError(f"{id} is down")
        self.commits[id, data.input] += 1
        if kind == "all":
            data.emit(f"B{id}", data.input + 1)
            data.emit(f"A{id}", data.input)
        if kind == "self":
            return mixed(data.resume.value, id)
        return data.input if kind == "same" else mixed(data.input, id)
