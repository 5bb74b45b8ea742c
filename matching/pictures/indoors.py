"""Scenes inside: rooms, shelves, desks, play."""

from __future__ import annotations

from matching.pictures.canvas import FLOOR, HEIGHT, WIDTH, Canvas


def room(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor()
    flip = rng.random() < 0.5
    wx = 250 if flip else 60
    c.rect(wx, 34, 92, 92, p.light, r=rng.choice((4, 46)))
    c.rect(wx + 7, 41, 78, 78, p.sky[0], r=rng.choice((2, 39)))
    c.line(f"M{wx + 46} 41v78", p.light, 4)
    lx = 104 if flip else 292
    drop = rng.uniform(52, 84)
    c.line(f"M{lx} 0V{drop:.0f}", p.dark, 1.6)
    c.path(
        f"M{lx - 32} {drop + 26:.0f}C{lx - 32} {drop - 6:.0f} {lx + 32} {drop - 6:.0f} {lx + 32} {drop + 26:.0f}Z", p.c
    )
    c.oval(lx, drop + 34, 40, 12, p.light, opacity=0.4)
    tx = lx - 46
    c.shadow(lx, FLOOR + 22, 120)
    c.rect(tx, 148, 92, 8, p.a, r=3)
    c.line(f"M{tx + 10} 156L{tx + 2} {FLOOR + 22}M{tx + 82} 156L{tx + 90} {FLOOR + 22}", p.a, 5)
    c.path(f"M{lx - 12} 148v-16q12 -8 24 0v16Z", p.b)
    c.branch(lx, 132, 34, rng.uniform(-8, 8), p.dark, 4)
    sx = 262 if flip else 70
    _sofa(c, sx) if rng.random() < 0.6 else c.pot_plant(sx + 36, FLOOR + 26, 82)
    c.oval(WIDTH / 2, FLOOR + 42, 130, 12, p.light, opacity=0.35)


def _sofa(c: Canvas, x: float) -> None:
    p = c.palette
    c.shadow(x + 44, FLOOR + 30, 130)
    c.rect(x - 14, 152, 118, 46, p.b, r=12)
    c.rect(x - 22, 172, 134, 38, p.b, r=12)
    c.rect(x - 14, 172, 57, 20, p.light, r=7, opacity=0.5)
    c.rect(x + 47, 172, 57, 20, p.light, r=7, opacity=0.5)
    c.rect(x + 74, 150, 28, 28, p.c, r=5, turn=14)
    c.line(f"M{x - 8} 210v10M{x + 98} 210v10", p.dark, 4)


def clothes(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(206)
    c.line("M70 208V64H330V208", p.dark, 5)
    c.line("M56 208h28M316 208h28", p.dark, 5)
    fills = [p.a, p.b, p.c, p.light, p.dark]
    rng.shuffle(fills)
    x = 96.0
    for i in range(5):
        long, w = rng.uniform(76, 122), 38
        c.line(f"M{x + w / 2:.0f} 66q0 8 -2 10", p.dark, 2)
        shape = rng.random()
        if shape < 0.5:
            c.path(
                f"M{x:.0f} 86l14 -9q5 6 10 0l14 9l8 30l-10 4l-3 -12v{long - 34:.0f}h-28v{-(long - 34):.0f}"
                f"l-3 12l-10 -4Z",
                fills[i],
            )
        elif shape < 0.8:
            c.path(f"M{x + 6:.0f} 78h26l4 44l{8:.0f} {long - 44:.0f}h-50l8 {-(long - 44):.0f}Z", fills[i])
        else:
            c.path(f"M{x + 4:.0f} 78h30l3 {long:.0f}h-13l-5 {-(long - 26):.0f}l-5 {long - 26:.0f}h-13Z", fills[i])
        x += 44
    c.pot_plant(360, 214, 64)


def books(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(196)
    fills = [p.a, p.b, p.c, p.dark, p.light]
    x = 56.0
    while x < 214:
        w, h = rng.uniform(14, 26), rng.uniform(78, 126)
        lean = 0 if rng.random() < 0.85 else 7
        fill = rng.choice(fills)
        c.rect(x, 196 - h, w, h, fill, r=2, turn=lean)
        c.rect(x + 3, 196 - h + 12, w - 6, 3, p.light if fill != p.light else p.a, opacity=0.8, turn=lean)
        c.rect(x + 3, 196 - 22, w - 6, 3, p.light if fill != p.light else p.a, opacity=0.8, turn=lean)
        x += w + (9 if lean else 2)
    y = 196.0
    for i in range(rng.randint(2, 4)):
        h, w = rng.uniform(14, 20), rng.uniform(86, 112)
        y -= h
        c.rect(250 + rng.uniform(-8, 8), y, w, h, fills[i % 5], r=3)
        c.rect(262, y + h - 5, w - 20, 3, p.light, opacity=0.6)
    c.path(f"M276 {y - 30:.0f}h44v14q0 16 -16 16h-12q-16 0 -16 -16Z", p.light)
    c.line(f"M320 {y - 24:.0f}q16 0 12 12t-16 6", p.light, 4)
    c.steam(288, y - 36, 2)


def camera(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(186)
    c.shadow(200, 196, 190)
    c.rect(112, 90, 176, 104, p.dark, r=12)
    c.rect(112, 112, 176, 56, p.a, opacity=0.85)
    c.rect(146, 72, 66, 24, p.dark, r=6)
    c.circle(200, 142, 46, p.light)
    c.circle(200, 142, 38, p.dark)
    c.circle(200, 142, 25, p.b)
    c.circle(190, 132, 8, p.light, opacity=0.8)
    c.rect(246, 98, 28, 14, p.c, r=3)
    c.circle(134, 84, 8, p.c)
    x = rng.uniform(16, 30)
    c.path(f"M{x:.0f} 222q70 -40 150 -8t224 -16v28q-130 -6 -214 16t-160 8Z", p.dark, opacity=0.9)
    for i in range(13):
        c.rect(x + 12 + i * 27, 208 + (4 if i % 2 else 0) - i * 0.6, 13, 10, p.light, r=2, opacity=0.75)


def terminal(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(206)
    c.shadow(200, 212, 240)
    c.rect(82, 40, 236, 150, p.dark, r=10)
    c.rect(90, 60, 220, 122, p.sky[0] if p.sky[0].startswith("#1") else "#16212e", r=4)
    for i, fill in enumerate((p.b, p.c, p.a)):
        c.circle(98 + i * 13, 50, 4, fill)
    y = 74.0
    for _row in range(7):
        x = 102.0 + rng.choice((0, 0, 14, 28))
        for _word in range(rng.randint(1, 4)):
            w = rng.uniform(16, 52)
            if x + w > 298:
                break
            c.rect(x, y, w, 6, rng.choice((p.a, p.b, p.c, p.light, p.light)), r=3, opacity=0.9)
            x += w + 7
        y += 15
    c.rect(102, y - 1, 8, 9, p.light)
    c.path("M160 190h80l10 18h-100Z", p.a)
    c.rect(124, 206, 152, 6, p.dark, r=3)


def board(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.rect(0, 0, WIDTH, HEIGHT, p.ground, opacity=0.55)
    fills = [p.a, p.b, p.c, p.light, p.ground]
    for row in range(4):
        for col in range(6):
            x, y = 58 + col * 52 + (26 if row % 2 else 0), 52 + row * 45
            if rng.random() < 0.12:
                continue
            points = " ".join(
                f"{x + dx:.0f},{y + dy:.0f}"
                for dx, dy in ((0, -29), (25, -14.5), (25, 14.5), (0, 29), (-25, 14.5), (-25, -14.5))
            )
            c.parts.append(
                f'<polygon points="{points}" fill="{rng.choice(fills)}" stroke="{p.dark}" '
                'stroke-opacity="0.25" stroke-width="2"/>'
            )
    for _n in range(3):
        _meeple(c, rng.uniform(80, 320), rng.uniform(80, 200), rng.choice((p.dark, p.a, p.b)))
    x, y = rng.uniform(240, 320), rng.uniform(150, 190)
    c.rect(x, y, 44, 44, p.light, r=8, turn=rng.uniform(-24, 24))
    for dx, dy in ((12, 12), (32, 32), (22, 22), (12, 32), (32, 12)):
        c.circle(x + dx, y + dy, 4, p.dark)


def _meeple(c: Canvas, x: float, y: float, fill: str) -> None:
    c.shadow(x, y + 23, 34)
    c.circle(x, y - 14, 9, fill)
    c.path(f"M{x - 22:.0f} {y:.0f}q6 -10 22 -10t22 10q-4 8 -12 6l8 18h-12l-6 -9l-6 9h-12l8 -18q-8 2 -12 -6Z", fill)


def blocks(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(196)
    c.line("M-6 30Q100 70 200 40T406 34", p.dark, 1.6, opacity=0.6)
    for i in range(11):
        flag = 8 + i * 38
        top = 46 + (6 if i % 3 == 1 else 0)
        c.path(f"M{flag} {top}h24l-12 24Z", (p.a, p.b, p.c, p.light)[i % 4])
    x = 70.0
    for stack in range(3):
        y = 196.0
        for i in range(rng.randint(1, 3 if stack != 1 else 4)):
            y -= 34
            fill = (p.a, p.b, p.c, p.light)[(i + stack) % 4]
            c.rect(x + rng.uniform(-4, 4), y, 36, 34, fill, r=4, turn=rng.uniform(-4, 4))
            c.circle(x + 18, y + 17, 7, p.dark, opacity=0.25)
        if stack == 1:
            c.path(f"M{x - 2:.0f} {y:.0f}L{x + 18:.0f} {y - 28:.0f}L{x + 38:.0f} {y:.0f}Z", p.c)
        x += 54
    cx = 300
    for i, r in enumerate((44, 36, 28, 20)):
        c.rect(cx - r, 182 - i * 16, r * 2, 15, (p.b, p.c, p.a, p.light)[i], r=7.5)
    c.circle(cx, 124, 10, p.dark)


def money(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(202)
    heights = sorted(rng.uniform(34, 128) for _n in range(5))
    if rng.random() < 0.3:
        heights = [h * f for h, f in zip(heights, (1.5, 1, 1.2, 0.9, 1), strict=True)]
    for i, h in enumerate(heights):
        c.rect(58 + i * 38, 202 - h, 26, h, (p.a, p.b)[i % 2], r=5, opacity=0.55 + i * 0.1)
    points = " ".join(f"{'M' if i == 0 else 'L'}{71 + i * 38} {188 - h:.0f}" for i, h in enumerate(heights))
    c.line(points, p.dark, 3)
    for i, h in enumerate(heights):
        c.circle(71 + i * 38, 188 - h, 5, p.light)
    for stack in range(2):
        for i in range(rng.randint(3, 6)):
            y = 198 - i * 9
            c.oval(290 + stack * 54, y, 24, 8, p.dark, opacity=0.35)
            c.oval(290 + stack * 54, y - 3, 24, 8, p.c)
    c.rect(268, 52, 92, 58, p.light, r=6, turn=rng.uniform(-8, 8))
    c.line("M270 56l44 32 44 -32", p.a, 3)
