"""Scenes outside: mountains, roads, gardens, animals."""

from __future__ import annotations

from matching.pictures.canvas import HEIGHT, WIDTH, Canvas


def peaks(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.sun(rng.uniform(60, 340), rng.uniform(42, 74), rng.uniform(15, 26))
    c.peaks(172, p.a, 118, p.light, opacity=0.65)
    c.peaks(192, p.b if rng.random() < 0.4 else p.ground, 76)
    c.hills(198, p.ground, 24)
    x = rng.uniform(150, 240)
    c.path(
        f"M{x - 30:.0f} 255C{x + 60:.0f} 232 {x - 50:.0f} 218 {x + 12:.0f} 196l6 0"
        f"C{x - 20:.0f} 220 {x + 110:.0f} 232 {x + 54:.0f} 255Z",
        p.light,
        opacity=0.8,
    )
    for _n in range(rng.randint(4, 9)):
        c.pine(rng.uniform(0, WIDTH), rng.uniform(204, 246), rng.uniform(26, 52), p.dark)


def runner(c: Canvas) -> None:
    """A ridge, a path, and somebody small on it."""
    p, rng = c.palette, c.rng
    c.sun(rng.uniform(70, 330), rng.uniform(46, 84), rng.uniform(18, 30))
    c.peaks(186, p.a, 96, p.light, opacity=0.55)
    c.hills(190, p.b, 30, opacity=0.75)
    c.path("M-5 255V214Q90 176 190 196T405 168V255Z", p.ground)
    c.line("M-5 226Q90 190 190 208T405 182", p.light, 3, opacity=0.7)
    x = rng.uniform(120, 290)
    y = 190 if x < 190 else 183 - (x - 190) * 0.05
    c.circle(x + 4, y - 34, 5, p.dark)
    c.line(
        f"M{x + 2:.0f} {y - 28:.0f}L{x - 3:.0f} {y - 14:.0f}L{x + 8:.0f} {y - 6:.0f}L{x + 4:.0f} {y + 4:.0f}", p.dark, 4
    )
    c.line(f"M{x - 3:.0f} {y - 14:.0f}L{x - 10:.0f} {y - 4:.0f}L{x - 18:.0f} {y - 5:.0f}", p.dark, 4)
    c.line(
        f"M{x + 2:.0f} {y - 26:.0f}L{x + 11:.0f} {y - 19:.0f}M{x:.0f} {y - 26:.0f}L{x - 9:.0f} {y - 20:.0f}",
        p.dark,
        3.4,
    )
    for _n in range(rng.randint(3, 6)):
        c.pine(
            rng.choice((rng.uniform(0, 90), rng.uniform(320, 400))), rng.uniform(216, 246), rng.uniform(30, 54), p.dark
        )


def yoga(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.circle(200, 116, 84, p.light, opacity=0.55)
    c.circle(200, 116, 62, p.c)
    c.hills(188, p.ground, 20)
    c.rect(120, 206, 160, 12, p.b, r=6)
    if rng.random() < 0.55:
        c.circle(200, 116, 12, p.dark)
        c.path("M184 134q16 -10 32 0l6 42q-22 10 -44 0Z", p.dark)
        c.path("M146 204q10 -22 54 -22t54 22q-54 10 -108 0Z", p.dark)
        c.line("M186 140Q168 160 158 186M214 140Q232 160 242 186", p.dark, 8)
    else:
        c.path("M148 204L206 128L262 204H244L206 152L168 204Z", p.dark)
        c.circle(180, 190, 10, p.dark)
    c.branch(52, 214, 92, rng.uniform(-14, 14), p.a)
    c.branch(350, 214, 80, rng.uniform(-14, 14), p.a)


def bicycle(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.sun(rng.uniform(60, 340), rng.uniform(38, 62), rng.uniform(14, 22))
    c.hills(150, p.a, 34, opacity=0.4)
    c.hills(178, p.b, 22, opacity=0.55)
    c.rect(0, 206, WIDTH, 50, p.ground)
    c.line("M-5 228H405", p.light, 3, opacity=0.6)
    c.shadow(202, 214, 210)
    for x in (134, 270):
        c.ring(x, 172, 39, p.dark, 6)
        c.ring(x, 172, 34, p.light, 1.5)
        c.circle(x, 172, 4, p.dark)
    c.line("M134 172L172 112H246L204 172ZM172 112L204 172M240 96L270 172", p.a if rng.random() < 0.5 else p.b, 6)
    c.line("M166 100L172 112M154 99h26", p.dark, 6)
    c.line("M240 96l-8 -2h22q14 2 10 14", p.dark, 5)
    c.circle(204, 172, 9, p.dark)
    if rng.random() < 0.6:
        c.rect(246, 100, 30, 26, p.c, r=5)
    if rng.random() < 0.5:
        c.rect(146, 122, 24, 34, p.c, r=5)


def train(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.sun(rng.uniform(60, 340), rng.uniform(38, 70), rng.uniform(16, 26))
    c.peaks(150, p.a, 72, opacity=0.5) if rng.random() < 0.5 else c.hills(136, p.a, 44, opacity=0.5)
    c.hills(160, p.b, 24, opacity=0.6)
    c.rect(0, 200, WIDTH, 60, p.ground)
    c.line("M-5 203H405", p.dark, 3)
    for x in range(0, 410, 17):
        c.rect(x, 204, 8, 6, p.dark, opacity=0.5)
    body = p.dark if rng.random() < 0.4 else p.a
    c.path("M-10 140H262Q306 140 324 184Q328 196 310 198H-10Z", body)
    c.path("M262 150h6q24 4 36 30h-42Z", p.light)
    for x in range(14, 240, 46):
        c.rect(x, 150, 34, 24, p.light, r=5)
        if rng.random() < 0.4:
            c.rect(x + 2, 152, 30, 20, p.c, r=4, opacity=0.6)
    c.rect(-10, 182, 326, 5, p.c)
    for x in (30, 76, 170, 216, 282):
        c.circle(x, 198, 8, p.dark)


def van(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    stars = p.sky[0].startswith("#1")
    if stars:
        for _n in range(26):
            c.circle(rng.uniform(0, WIDTH), rng.uniform(0, 110), rng.uniform(0.8, 1.8), p.light)
    c.sun(rng.uniform(60, 340), rng.uniform(36, 70), rng.uniform(14, 24))
    c.peaks(176, p.a, 84, p.light, opacity=0.5)
    c.hills(186, p.b, 20, opacity=0.7)
    c.rect(0, 206, WIDTH, 50, p.ground)
    for _n in range(4):
        c.pine(rng.choice((rng.uniform(0, 90), rng.uniform(310, 400))), 210, rng.uniform(44, 78), p.dark)
    c.shadow(200, 216, 190)
    c.path("M118 122q0 -14 14 -14h104q12 0 20 12l22 32q10 2 10 14v34q0 6 -6 6H124q-6 0 -6 -6Z", p.light)
    c.path("M118 164h170v36q0 6 -6 6H124q-6 0 -6 -6Z", p.a if p.a != p.light else p.b)
    c.path("M232 118l4 0q8 0 14 9l16 25h-34Z", p.sky[1])
    for x in (132, 180):
        c.rect(x, 120, 40, 30, p.c if stars else p.sky[1], r=5)
    for x in (154, 252):
        c.circle(x, 206, 17, p.dark)
        c.circle(x, 206, 7, p.light)
    c.rect(140, 100, 84, 7, p.dark, r=3)
    c.circle(282, 178, 5, p.c)


def garden(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.sun(rng.uniform(60, 340), rng.uniform(34, 56), rng.uniform(13, 20))
    c.hills(170, p.b, 18, opacity=0.35)
    c.rect(0, 188, WIDTH, 70, p.ground)
    for row in range(3):
        y = 200 + row * 17
        c.line(f"M-5 {y + 6}H405", p.dark, 5, opacity=0.2)
    for i in range(6):
        x = 36 + i * 66 + rng.uniform(-8, 8)
        kind = rng.random()
        if kind < 0.35:
            h = rng.uniform(70, 112)
            c.line(f"M{x:.0f} 206V{206 - h:.0f}", p.a, 4)
            for j in range(5):
                c.leaf(x, 200 - h * (j + 0.6) / 5.4, 24, 66 if j % 2 else -66, p.a)
            for j in range(4):
                c.circle(x + (-11 if j % 2 else 11), 192 - h * (j + 1) / 5, 7, p.c if j % 3 else "#d1583f")
        elif kind < 0.7:
            for j in range(7):
                c.leaf(x, 206, rng.uniform(26, 44), -66 + j * 22, p.a if j % 2 else p.b)
        else:
            for j in range(5):
                c.leaf(x, 202, 34, -46 + j * 23, p.a)
            c.circle(x, 204, 17, p.c)
            c.line(f"M{x:.0f} 188v32", p.dark, 1.5, opacity=0.35)
    if rng.random() < 0.5:
        c.rect(316, 170, 50, 36, p.dark, r=6, opacity=0.85)
        c.line("M316 180q-22 4 -30 -14M366 178q18 2 16 18t-18 6", p.dark, 5)


def dog(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.circle(200, 128, 96, p.light, opacity=0.5)
    c.hills(206, p.ground, 12)
    coat, ear = rng.choice(
        (
            ("#b97a4b", "#7d4b2b"),
            ("#e2c08f", "#b98650"),
            ("#4a3a32", "#2c221d"),
            ("#f4ead9", "#a8754c"),
            ("#9a9490", "#6d6763"),
        )
    )
    c.path("M128 256Q132 186 200 182T272 256Z", coat)
    c.path("M138 84Q132 168 200 176T262 84Q230 52 200 56T138 84Z", coat)
    if rng.random() < 0.5:
        c.path("M146 76Q108 84 108 148Q128 158 144 122ZM254 76Q292 84 292 148Q272 158 256 122Z", ear)
    else:
        c.path("M148 88L128 34L184 62ZM252 88L272 34L216 62Z", ear)
    c.path("M168 132Q200 112 232 132Q238 168 200 174T168 132Z", p.light if coat != p.light else p.sky[1])
    for x in (172, 228):
        c.circle(x, 108, 8, "#22201e")
        c.circle(x + 2.5, 105, 2.4, "#ffffff")
    c.path("M186 132q14 -8 28 0q-2 14 -14 16t-14 -16Z", "#22201e")
    c.line("M200 148v8M200 156q-10 8 -17 2M200 156q10 8 17 2", "#22201e", 2.6)
    c.rect(152, 186, 96, 11, p.b, r=5)
    c.circle(200, 202, 8, p.c if coat != p.c else p.light)


def cat(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    wx = rng.choice((40, 200))
    c.rect(wx, 26, 160, 150, p.light, r=6)
    c.rect(wx + 9, 35, 142, 132, p.sky[0], r=3)
    c.circle(wx + rng.uniform(40, 116), rng.uniform(62, 92), 20, p.c)
    c.line(f"M{wx + 80} 35v132", p.light, 6)
    c.rect(0, 176, WIDTH, 10, p.light)
    c.rect(0, 186, WIDTH, 70, p.ground)
    coat = rng.choice((p.dark, p.a, p.b))
    x = wx + 80
    c.line(f"M{x + 34} 172Q{x + 84} 176 {x + 74} 128", coat, 11)
    c.path(f"M{x - 42} 178Q{x - 46} 112 {x} 106T{x + 42} 178Z", coat)
    c.circle(x - 4, 92, 28, coat)
    c.path(f"M{x - 30} 84L{x - 28} 46L{x - 8} 68ZM{x + 22} 84L{x + 20} 46L{x} 68Z", coat)
    for ex in (x - 14, x + 6):
        c.oval(ex, 90, 4.4, 5.6, p.c if coat != p.c else p.light)
        c.oval(ex, 90, 1.5, 4.6, "#1d1b19")
    c.path(f"M{x - 7} 98h6l-3 4Z", p.light)
    c.line(f"M{x - 14} 101l-20 -3M{x - 14} 104l-20 3M{x + 6} 101l20 -3M{x + 6} 104l20 3", p.light, 1.2)
    c.pot_plant(340 if wx == 40 else 72, 178, 66)


def horizon(c: Canvas) -> None:
    """For subjects without a picture of their own."""
    p, rng = c.palette, c.rng
    c.sun(rng.uniform(80, 320), rng.uniform(56, 100), rng.uniform(22, 40))
    c.hills(150, p.a, 40, opacity=0.45)
    c.hills(178, p.b, 30, opacity=0.6)
    c.hills(206, p.ground, 20)
    for _n in range(3):
        x, y = rng.uniform(30, 370), rng.uniform(20, 80)
        c.rect(x, y, rng.uniform(40, 84), 8, p.light, r=4, opacity=0.6)
    c.rect(0, HEIGHT - 6, WIDTH, 6, p.dark, opacity=0.12)
