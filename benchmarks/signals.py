"""Quality and speed of the signals on the shared research data: `python -m benchmarks.signals`.

Prints the section "Signals" of docs/benchmarks.md; with --write it is put there. Nothing needs a database
except `--speed DATABASE_URL-of-a-throw-away-database`, which fills it and recomputes everything.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import betaln, gammaln, ndtr
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from benchmarks import trust
from benchmarks.instagram import batch_of, batches, read_comments, read_posts, shared_data
from benchmarks.lines import Line
from benchmarks.observed import observe
from matching.signals.authenticity import find_signs
from matching.signals.batch import Batch
from matching.signals.captions import read_captions
from matching.signals.columns import payloads
from matching.signals.comments import CommentContext, classify_comments
from matching.signals.conversation import estimate_conversation
from matching.signals.engagement import estimate_engagement, measure_engagement, next_post_interval
from matching.signals.fit import Sample, fit_priors, slim
from matching.signals.longevity import estimate_longevity, measure_longevity, truncated_lognormal
from matching.signals.measure import Measures, measure
from matching.signals.priors import Priors, default_priors
from matching.signals.score import score
from matching.signals.sponsorship import read_posts as read_sponsorship
from matching.signals.text import TextColumn

NOTHING = np.zeros(0, np.uint64)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN, END = "<!-- signals: begin -->", "<!-- signals: end -->"
Users = dict[str, list[dict[str, Any]]]


@dataclass
class Instagram:
    """The sample, read once: posts by user, comments by post, half of the users for fitting."""

    users: Users
    comments: dict[str, list[dict[str, Any]]]
    train: list[str]
    test: list[str]
    priors: Priors

    @classmethod
    def read(cls, folder: Path) -> Instagram:
        users: Users = {}
        for row in read_posts(folder):
            users.setdefault(row["username"], []).append(row)
        comments, names = read_comments(folder), sorted(users)
        half = np.random.default_rng(0).random(len(names)) < 0.5
        train = [name for name, chosen in zip(names, half, strict=True) if chosen]
        test = [name for name, chosen in zip(names, half, strict=True) if not chosen]
        parts = [train[k : k + 1_000] for k in range(0, len(train), 1_000)]
        sample = Sample([slim(measure(batch_of(part, users, comments), NOTHING)) for part in parts])
        return cls(users, comments, train, test, fit_priors(sample))

    def split(self, users: list[str], seen: int, rng: np.random.Generator) -> tuple[Batch, Batch]:
        """(seen posts, one held-out post) of users that have enough, drawn at random."""
        order = {user: rng.permutation(len(self.users[user])) for user in users}
        first = {user: [self.users[user][k] for k in order[user][:seen]] for user in users}
        held = {user: [self.users[user][order[user][seen]]] for user in users}
        return batch_of(users, first, self.comments), batch_of(users, held, self.comments)


def engagement(data: Instagram) -> Iterator[Line]:
    rng = np.random.default_rng(1)
    for seen in (1, 2, 3):
        users = [user for user in data.test if len(data.users[user]) > seen]
        given, held = data.split(users, seen, rng)
        (a, _), (b, _) = measure_engagement(given), measure_engagement(held)
        found = estimate_engagement(a, given.accounts.platform, given.accounts.category, data.priors)
        both = (a.n == seen) & (b.n == 1) & (a.base == 2) & (b.base == 2)
        truth, low_high = b.mean[both], next_post_interval(found)
        raw, shrunk = (np.sqrt(np.mean((truth - m[both]) ** 2)) for m in (a.mean, found.posterior.mean))
        covered = np.mean((low_high[0][both] <= np.exp(truth)) & (np.exp(truth) <= low_high[1][both]))
        yield Line(
            f"Held-out engagement, {seen} post{'s' * (seen > 1)} seen ({both.sum():,} creators): RMSE of the log rate",
            f"raw {raw:.3f}, shrunk **{shrunk:.3f}**; 90 % interval covers {covered:.1%}",
            "≤ .758; 85–95 %" if seen == 1 else "",
        )


def shares(data: Instagram) -> Iterator[Line]:
    """Predictive intervals of the share in one held-out post, from the other posts and the priors."""
    rng = np.random.default_rng(2)
    users = [user for user in data.test if len(data.users[user]) > 1]
    given, held = data.split(users, 1, rng)
    a, b = measure(given, data.priors.common), measure(held, data.priors.common)
    found = estimate_conversation(a.conversation, a.cell, data.priors)
    pairs = {
        "qualified": (found.qualified, b.conversation.qualified, b.conversation.classified),
        "generic": (found.generic, b.conversation.generic, b.conversation.classified),
        "reply": (found.reply, b.conversation.replied, b.conversation.asked),
    }
    for name, (posterior, hits, trials) in pairs.items():
        use = np.flatnonzero(trials >= 8)
        spread = data.priors.dispersion_of(name)
        inside = [
            _inside(hits[i], trials[i], posterior.alpha[i], posterior.beta[i], spread)
            for i in rng.permutation(use)[:3_000]
        ]
        yield Line(
            f"Held-out post, share of {name} comments ({len(inside):,} creators): 90 % predictive interval covers",
            f"**{np.mean(inside):.1%}** (dispersion {spread:.2f})",
            "85–95 %",
        )


def _inside(hits: float, trials: float, alpha: float, beta: float, spread: float) -> float:
    """Share of the probability mass of this outcome that lies in the central 90 % of the beta-binomial.

    `spread` is met by drawing trials/spread independent comments: the held-out post is overdispersed too.
    """
    n = max(round(trials / spread), 1)
    k = np.arange(n + 1)
    log = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + betaln(k + alpha, n - k + beta) - betaln(alpha, beta)
    cumulative = np.cumsum(np.exp(log))
    x = round(hits / trials * n)
    below, upto = (cumulative[x - 1] if x else 0.0), cumulative[x]
    width = max(upto - below, 1e-12)
    return float(max(min(upto, 0.95) - max(below, 0.05), 0.0) / width)


def comments(data: Instagram, root: Path) -> Iterator[Line]:
    rows = [c for posts in data.comments.values() for c in posts if not c["is_post_owner"]]
    column = TextColumn.of(c["text"] for c in rows)
    reply = np.array([c["parent_id"] is not None for c in rows], bool)
    begin = time.perf_counter()
    reading = classify_comments(column, CommentContext(is_reply=reply))
    speed = len(rows) / (time.perf_counter() - begin)
    yield Line("Comments read, one process", f"**{speed:,.0f} comments/s**", "≥ 100,000")
    yield Line(
        "Comments whose owner answered, told from the others of the post (weak label): AUC",
        f"{_answered(rows, reading.quality, data):.3f} (word count {_answered(rows, _lengths(rows), data):.3f})",
    )
    yield Line(
        "Constructive comments at equal length (± 10 %): AUC",
        f"**{_constructive(root):.3f}** (length alone .5)",
        "≥ .65",
    )
    texts, spam, video = [], [], []
    for number, path in enumerate(sorted((root / "comments_spam").glob("*.csv"))):
        with path.open(encoding="utf-8-sig") as lines:
            for row in csv.DictReader(lines):
                texts.append(row["CONTENT"])
                spam.append(row["CLASS"] == "1")
                video.append(number)
    found, truth, of = classify_comments(TextColumn.of(texts)).spam, np.array(spam), np.array(video)
    each = ", ".join(f"{roc_auc_score(truth[of == v], found[of == v]):.3f}" for v in np.unique(of))
    yield Line("Comment spam: AUC over all videos (each)", f"**{roc_auc_score(truth, found):.3f}** ({each})", "≥ .98")


def _lengths(rows: list[dict[str, Any]]) -> np.ndarray:
    return np.array([len(c["text"].split()) for c in rows], float)


def _answered(rows: list[dict[str, Any]], quality: np.ndarray, data: Instagram) -> float:
    """AUC within posts: answered by the owner in the thread, against not answered."""
    answered = {
        (c["post_id"], c["parent_id"])
        for p in data.comments.values()
        for c in p
        if c["is_post_owner"] and c["parent_id"]
    }
    posts = {post for post, _ in answered}
    use = [i for i, c in enumerate(rows) if c["post_id"] in posts and not c["parent_id"]]
    label = np.array([(rows[i]["post_id"], rows[i]["comment_id"]) in answered for i in use])
    post = np.unique([rows[i]["post_id"] for i in use], return_inverse=True)[1]
    top = bottom = 0.0
    order = np.argsort(post, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(post[order])) + 1):
        yes = label[group]
        k, m = int(yes.sum()), int((~yes).sum())
        if k and m:
            ranks = rankdata(quality[np.array(use)[group]])
            top += ranks[yes].sum() - k * (k + 1) / 2
            bottom += k * m
    return top / bottom


def _constructive(root: Path) -> float:
    with (root / "comments_constructive" / "constructive.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["comment"].strip()]
    good = np.array([row["is_constructive"] == "yes" for row in rows])
    length = np.array([len(row["comment"].split()) for row in rows], float)
    quality = classify_comments(TextColumn.of(row["comment"] for row in rows)).quality
    won = pairs = 0.0
    for i in np.flatnonzero(good):
        alike = np.flatnonzero(~good & (np.abs(np.log(length / length[i])) <= 0.1))
        won += (quality[i] > quality[alike]).sum() + 0.5 * (quality[i] == quality[alike]).sum()
        pairs += len(alike)
    return won / pairs


def sponsorship(data: Instagram) -> Iterator[Line]:
    scores, official, declared = [], [], []
    for batch in batches([row for rows in data.users.values() for row in rows], {}, size=4_000):
        reading = read_sponsorship(batch, read_captions(batch.posts))
        scores.append(reading.score)
        declared.append(reading.declared)
        official.append(batch.posts.official == 1)
    truth, found, told = (np.concatenate(parts) for parts in (official, scores, declared))
    yield Line(
        f"Sponsored post from its content ({truth.sum()} officially tagged of {len(truth):,}): AUC",
        f"**{roc_auc_score(truth, found):.3f}**; among undeclared posts {roc_auc_score(truth[~told], found[~told]):.3f}",
        "≥ .88",
    )
    yield Line(
        "Officially tagged posts that also declare it in words",
        f"{told[truth].mean():.1%} (all posts {told.mean():.1%})",
    )


def persistence(data: Instagram) -> Iterator[Line]:
    users = [user for user in data.test if len(data.users[user]) > 1]
    given, held = data.split(users, 1, np.random.default_rng(3))
    a, b = measure_longevity(given), measure_longevity(held)
    both = (a.posts == 1) & (b.posts == 1)
    posterior = estimate_longevity(a, data.priors)
    spread = np.sqrt(posterior.sd**2 + b.variance)
    away = np.abs(b.mean - posterior.mean)[both]
    half = np.exp(b.mean[b.posts == 1])
    yield Line(
        f"Half-life of comments per post ({(b.posts == 1).sum():,} posts): median, quartiles",
        f"{np.median(half):.1f} h ({np.quantile(half, 0.25):.1f}–{np.quantile(half, 0.75):.1f})",
    )
    yield Line(
        f"Held-out post, log half-life ({both.sum():,} creators): 90 % predictive interval covers",
        f"**{np.mean(away <= 1.645 * spread[both]):.1%}**; RMSE {np.sqrt(np.mean(away**2)):.2f} "
        f"(without shrinkage {np.sqrt(np.mean((b.mean - a.mean)[both] ** 2)):.2f})",
        "85–95 %",
    )


def signs(data: Instagram) -> Iterator[Line]:
    """How often the signs of an unusual audience stand out among real creators."""
    batch = batch_of(data.test, data.users, data.comments)
    m = measure(batch, data.priors.common)
    found = find_signs(batch, m.cell, m.community, m.conversation, data.priors)
    judged = ~np.isnan(found.z[:, :3]).all(axis=1)
    two = (found.raised.sum(axis=1) >= 2)[judged]
    yield Line(
        f"Real creators with two signs from their comments ({judged.sum()} with five posts of twenty comments)",
        f"{two.mean():.1%}",
        "≤ 1 %",
    )


def hidden(data: Instagram) -> Iterator[Line]:
    """Comments after the first day are hidden; what share comes after the seventh?"""
    batch = batch_of(data.test, data.users, data.comments)
    c = batch.comments
    hours = (c.posted_at - batch.posts.posted_at[c.post]) / 3_600
    early = np.flatnonzero(~c.is_owner & (hours > 0) & (hours <= 24))
    late = (~c.is_owner & (hours > 168))[:]
    n = len(batch.posts.id)
    count, known = np.bincount(c.post[early], minlength=n), np.bincount(c.post[~c.is_owner], minlength=n)
    whole = (count >= 10) & (known >= 0.8 * np.nan_to_num(batch.posts.comments))
    log = np.log(np.maximum(hours[early], 1 / 60))
    mean = np.bincount(c.post[early], log, n) / np.maximum(count, 1)
    spread = np.bincount(c.post[early], (log - mean[c.post[early]]) ** 2, n) / np.maximum(count, 1)
    mu, sigma = truncated_lognormal(mean, spread, count, np.full(n, np.log(24.0)))
    prior, tau2, _ = data.priors.normal_at("delay")
    noise = sigma**2 / np.maximum(count, 1)
    mu = (mu / noise + prior / tau2) / (1 / noise + 1 / tau2)
    told = ndtr((mu - np.log(168.0)) / np.sqrt(sigma**2 + 1 / (1 / noise + 1 / tau2)))
    true = np.bincount(c.post[late], minlength=n) / np.maximum(known, 1)
    yield Line(
        f"Share of comments after seven days, from the first day alone ({whole.sum():,} posts): mean told and true",
        f"{told[whole].mean():.1%} and {true[whole].mean():.1%}; mean error of a post {np.abs(told - true)[whole].mean():.1%}",
    )


def growth() -> Iterator[Line]:
    """Planted steps in simulated histories; quiet and restless accounts for the false alarms."""
    from matching.signals.score import score
    from tests.matching.test_signals_growth import person, steps, walk

    rng = np.random.default_rng(12)

    def flagged(people: list[dict[str, object]]) -> float:
        m = measure(observe(*people), NOTHING)
        return float(np.mean([len(codes) >= 2 for codes in score(m, default_priors()).risks]))

    for size in (0.05, 0.1, 0.2):
        found = flagged(steps(rng, 400, size=size))
        yield Line(
            f"Bought followers planted (+{size:.0%}, a quarter leaves again): found with two proofs", f"**{found:.1%}**"
        )
    noisy = [person(walk(rng, noise=noise)) for noise in (0.0004, 0.001, 0.003, 0.006) for _ in range(500)]
    yield Line("False alarms on 2,000 simulated histories without a step", f"{flagged(noisy):.2%}", "≤ 1 %")


def scoring_speed(data: Instagram) -> Iterator[Line]:
    every = [data.test[k : k + 1_000] for k in range(0, len(data.test), 1_000)]
    made = [batch_of(users, data.users, data.comments) for users in every]
    n, begin = sum(batch.n for batch in made), time.perf_counter()
    for batch in made:
        m: Measures = measure(batch, data.priors.common)
        payloads(score(m, data.priors).columns, batch.n)
    speed = n / (time.perf_counter() - begin)
    posts, said = (
        sum(len(part) for part in parts) for parts in ([b.posts.id for b in made], [b.comments.id for b in made])
    )
    yield Line(
        f"Scoring in memory, one process ({posts / n:.1f} posts and {said / n:.0f} comments each)",
        f"**{speed:,.0f} creators/s**",
    )


def recompute_speed(address: str, creators: int, comments_each: int) -> Iterator[Line]:
    """Fills a throw-away database and runs the command as an operator would, with two workers."""
    environment = os.environ | {"DATABASE_URL": address}
    root = PAGE.parent.parent

    def run(*command: str) -> str:
        return subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, text=True).stdout

    manage = (sys.executable, "manage.py")
    run(*manage, "migrate", "--skip-checks")
    code = f"import django; django.setup(); from benchmarks.filling import fill; fill({creators}, comments={comments_each})"
    run(sys.executable, "-c", code)
    what = f"{creators:,} creators, 30 posts and {30 * comments_each} comments each, 2 workers and PostgreSQL on it"
    passes: dict[str, Callable[[], object]] = {
        "first pass, everything read and indexed for the first time": lambda: None,
        "next pass, nothing changed": lambda: None,
        "pass after the likes of every post changed": lambda: run(*manage, "shell", "-c", _TOUCH),
    }
    for name, prepare in passes.items():
        prepare()
        report = run(*manage, "recompute", "--all", "--workers", "2").strip().splitlines()[-1]
        yield Line(f"`recompute --all`: {name} ({what})", report.replace("creators in", "in"), "≥ 2,000 creators/s")


_TOUCH = "from matching.models import Post; from django.db.models import F; Post.objects.update(likes=F('likes') + 1)"


def machine() -> str:
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"


def table(lines: list[Line]) -> str:
    rows = [f"| {line.what} | {line.found} | {line.reach} |" for line in lines]
    return "\n".join(["| What | Found | Reach |", "|---|---|---|", *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    parser.add_argument("--speed", metavar="URL", help="throw-away database to fill and recompute")
    parser.add_argument("--creators", type=int, default=6_000)
    parser.add_argument("--comments", type=int, default=1, help="comments per post in the speed test")
    options = parser.parse_args()
    data = Instagram.read(shared_data() / "instagram_2018")
    lines: list[Line] = []
    sections = (
        engagement(data), shares(data), comments(data, shared_data()), sponsorship(data), persistence(data), signs(data), hidden(data), growth(),
        trust.sampled_followers(shared_data()), trust.rings(), trust.overlap(shared_data()), trust.sentiment(),
        scoring_speed(data),
    )  # fmt: skip
    for section in sections:
        for line in section:
            print(line.what, "|", line.found, "|", line.reach, flush=True)
            lines.append(line)
    if options.speed:
        for line in recompute_speed(options.speed, options.creators, options.comments):
            print(line.what, "|", line.found, "|", line.reach, flush=True)
            lines.append(line)
    if options.write:
        write(f"Machine: {machine()}. Command: `python -m benchmarks.signals --write --speed URL`.\n\n{table(lines)}")


def write(body: str) -> None:
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
    section = f"{BEGIN}\n\n## Signals\n\n{body}\n\n{END}"
    if BEGIN in text:
        text = text[: text.index(BEGIN)] + section + text[text.index(END) + len(END) :]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
