"""Still lives: what stands on a table, a bench, a shelf."""

from __future__ import annotations

import math

from matching.pictures.canvas import HEIGHT, WIDTH, Canvas


def bottles(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(196)
    c.circle(rng.uniform(140, 260), 118, 82, p.light, opacity=0.55)
    c.branch(rng.uniform(48, 84), 200, rng.uniform(96, 130), rng.uniform(-24, 24), p.b)
    c.branch(rng.uniform(318, 356), 200, rng.uniform(84, 120), rng.uniform(-24, 24), p.b)
    x = 118.0
    for _n in range(3):
        kind, w = rng.random(), rng.uniform(40, 54)
        h = rng.uniform(66, 116)
        glass, cap = rng.choice(((p.a, p.dark), (p.c, p.dark), (p.light, p.a), (p.b, p.light)))
        c.shadow(x + w / 2, 200, w + 22)
        if kind < 0.45:  # with a dropper
            c.rect(x, 200 - h, w, h, glass, r=9)
            c.rect(x + w / 2 - 8, 200 - h - 12, 16, 14, cap, r=2)
            c.rect(x + w / 2 - 6, 200 - h - 34, 12, 24, cap, r=6)
            c.rect(x + 7, 200 - h * 0.66, w - 14, h * 0.4, p.light if glass != p.light else p.sky[1], r=3, opacity=0.9)
        elif kind < 0.75:  # a jar
            h *= 0.55
            c.rect(x - 4, 200 - h, w + 14, h, glass, r=8)
            c.rect(x - 6, 200 - h - 13, w + 18, 15, cap, r=4)
            c.rect(x + 6, 200 - h * 0.7, w - 6, h * 0.36, p.light if glass != p.light else p.sky[1], r=3, opacity=0.9)
        else:  # a bar of soap on two others
            for i in range(3):
                c.rect(x - 4 + i * 3, 176 - i * 24, w + 10, 23, (glass, p.light, p.c)[i], r=7)
        x += w + rng.uniform(16, 26)
    for _n in range(5):
        c.leaf(rng.uniform(60, 340), rng.uniform(214, 240), rng.uniform(12, 20), rng.uniform(0, 360), p.b)


def makeup(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.rect(0, 0, WIDTH, HEIGHT, p.ground, opacity=0.22)
    for i in range(rng.randint(4, 6)):
        x, y = 40 + i * 58, rng.uniform(40, 72)
        tone = (p.a, p.b, p.c, p.ground, p.dark, "#c9566b")[i % 6]
        c.path(f"M{x} {y:.0f}q22 -14 44 4t-2 30q-24 14 -42 0t0 -34Z", tone, opacity=0.9)
        c.line(f"M{x + 10} {y + 12:.0f}q10 -6 22 2", p.light, 3, opacity=0.5)
    c.rect(60, 128, 128, 84, p.dark, r=12, turn=rng.uniform(-8, 8))
    for i in range(6):
        c.circle(86 + (i % 3) * 38, 152 + (i // 3) * 36, 14, (p.a, p.c, p.b, p.light, p.ground, "#c9566b")[i])
    x = 236
    c.rect(x, 164, 30, 52, p.dark, r=4)
    c.rect(x + 3, 146, 24, 22, p.c)
    c.path(f"M{x + 5} 146v-22l20 -12v34Z", rng.choice(("#b83b4c", p.a, "#c9566b")))
    c.rect(300, 140, 10, 82, p.b, r=5, turn=18)
    c.rect(311, 116, 14, 28, p.c, turn=18)
    c.oval(325, 104, 13, 24, p.dark, turn=18)


def shoe(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(192)
    c.circle(206, 118, 88, p.light, opacity=0.5)
    body, mark = rng.choice(((p.light, p.a), (p.a, p.light), (p.b, p.light), (p.c, p.dark)))
    if rng.random() < 0.5:
        c.rect(96, 176, 214, 44, p.dark, r=5)
        c.rect(96, 176, 214, 12, p.a, r=3)
        up = 26
    else:
        up = 0
    y = -up
    c.shadow(204, 204 + y, 230)
    c.path(
        f"M96 {182 + y}Q90 {134 + y} 100 {104 + y}Q126 {112 + y} 146 {98 + y}L210 {138 + y}"
        f"Q262 {146 + y} 302 {156 + y}Q316 {164 + y} 314 {186 + y}H96Z",
        body,
    )
    c.path(f"M146 {98 + y}L210 {138 + y}Q196 {152 + y} 176 {150 + y}L128 {108 + y}Z", mark, opacity=0.85)
    for i in range(4):
        c.line(f"M{146 + i * 15} {112 + i * 9 + y}l22 -8", p.dark, 3)
    c.path(f"M120 {166 + y}Q180 {186 + y} 246 {148 + y}Q196 {168 + y} 132 {150 + y}Z", mark)
    c.path(f"M262 {148 + y}Q312 {154 + y} 314 {186 + y}H266Q274 {166 + y} 262 {148 + y}Z", mark, opacity=0.55)
    c.rect(88, 182 + y, 232, 20, p.light if body != p.light else p.sky[1], r=9)
    c.rect(92, 194 + y, 224, 8, p.dark, r=4, opacity=0.75)


def bowl(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.rect(0, 0, WIDTH, HEIGHT, p.ground, opacity=0.3)
    c.rect(20, 28, 120, 220, p.light, r=4, opacity=0.5, turn=-6)
    cx, cy = rng.uniform(184, 226), 126
    c.circle(cx + 4, cy + 8, 92, p.dark, opacity=0.14)
    c.circle(cx, cy, 90, p.light)
    c.circle(cx, cy, 76, rng.choice((p.sky[1], p.c)))
    for i in range(rng.randint(5, 7)):
        t = i * 2 * math.pi / 6 + rng.uniform(0, 0.7)
        x, y = cx + 40 * math.cos(t), cy + 40 * math.sin(t)
        kind = rng.random()
        if kind < 0.3:
            c.circle(x, y, 19, "#c9543f")
            c.circle(x, y, 13, "#e58a6a", opacity=0.8)
        elif kind < 0.6:
            for j in range(5):
                c.leaf(x, y + 8, 30, rng.uniform(0, 360) + j * 50, p.a if j % 2 else "#5d8a4c")
        elif kind < 0.8:
            for _n in range(7):
                c.circle(x + rng.uniform(-16, 16), y + rng.uniform(-16, 16), 6.5, p.b)
        else:
            c.oval(x, y, 22, 13, "#e3a545", turn=rng.uniform(0, 180))
    c.circle(cx, cy, 20, "#f4e7c3")
    c.circle(cx, cy, 10, "#e9a92f")
    x = 330
    c.rect(x, 70, 7, 130, p.dark, r=3)
    c.oval(x + 3, 62, 11, 18, p.dark)
    for _n in range(4):
        c.leaf(rng.uniform(20, 90), rng.uniform(60, 230), 26, rng.uniform(0, 360), p.a)


def cake(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(198)
    if rng.random() < 0.5:
        c.shadow(200, 204, 190)
        c.rect(106, 194, 188, 9, p.light, r=4)
        c.rect(190, 200, 20, 22, p.light)
        for i in range(3):
            c.rect(126, 164 - i * 30, 148, 31, ("#e2b27a", p.light, "#d89b62")[i], r=6)
            c.rect(126, 160 - i * 30, 148, 7, (p.c, p.a, p.b)[i])
        c.path(
            "M126 110q0 -16 16 -16h116q16 0 16 16v6q-10 16 -20 2q-10 18 -22 2q-12 16 -24 0"
            "q-12 18 -24 2q-12 14 -22 -2q-16 14 -20 -4Z",
            p.light,
        )
        for i in range(5):
            c.circle(144 + i * 28, 90, 8, rng.choice(("#b83b4c", p.a, p.b)))
    else:
        for i in range(3):
            x, y = 112 + i * 88, 172 - (i % 2) * 8
            c.shadow(x, 204, 84)
            c.path(
                f"M{x - 44} {y + 26}Q{x - 40} {y - 32} {x} {y - 36}T{x + 44} {y + 26}Q{x + 26} {y + 8} {x} {y + 8}"
                f"T{x - 44} {y + 26}Z",
                "#d2934e",
            )
            for j in range(4):
                t = -27 + j * 18
                c.line(f"M{x + t} {y - 28 + abs(t) * 0.5:.0f}q{t * 0.16:.0f} 18 {t * 0.1:.0f} 32", "#a9692c", 3)
            c.line(f"M{x - 20} {y - 22}q18 -12 36 -4", "#f0c98d", 4)
    c.steam(rng.uniform(120, 260), 62)


def wine(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.hills(150, p.b, 30, opacity=0.45)
    for i in range(7):
        c.line(f"M{-20 + i * 70} 200L{60 + i * 40} 148", p.a, 3, opacity=0.35)
    c.floor(196)
    drink = rng.choice(("#8c2f3f", "#d98f4e", "#e3c66f", "#c95d66"))
    x = rng.uniform(96, 130)
    c.shadow(x + 22, 200, 74)
    c.path(f"M{x} 200V112q0 -20 14 -28V44h16v40q14 8 14 28v88Z", rng.choice(("#24463b", p.dark)))
    c.rect(x, 132, 44, 40, p.light, r=2)
    c.rect(x + 8, 142, 28, 4, p.a)
    c.rect(x + 8, 152, 18, 3, p.dark, opacity=0.5)
    c.rect(x + 13, 38, 18, 14, p.c)
    for gx in (214, 288):
        c.shadow(gx, 200, 56)
        c.path(f"M{gx - 28} 86h56q4 58 -28 62t-28 -62Z", p.light, opacity=0.65)
        level = rng.uniform(108, 122)
        c.path(f"M{gx - 27} {level:.0f}h54q-4 36 -27 39t-27 -39Z", drink, opacity=0.92)
        c.line(f"M{gx} 148v46M{gx - 18} 197h36", p.light, 5)
    for i in range(6):
        c.circle(356 + (i % 3) * 11 - (i // 3) * 4, 180 + (i // 3) * 10, 7, drink)


def cup(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(190)
    c.circle(rng.uniform(150, 250), 112, 78, p.light, opacity=0.5)
    if rng.random() < 0.5:
        c.shadow(190, 206, 190)
        c.oval(190, 202, 94, 11, p.light)
        body = rng.choice((p.a, p.light, p.b))
        c.path("M128 118h124q2 78 -44 80h-36q-46 -2 -44 -80Z", body)
        c.oval(190, 118, 62, 13, p.light if body != p.light else p.sky[1])
        c.oval(190, 119, 54, 9.5, "#5a3825")
        c.path("M176 117q14 -9 28 0q-14 8 -28 0Z", "#e2c19a")
        c.line("M250 134q32 -2 28 26t-40 22", body, 9)
        c.steam(176, 96)
    else:
        c.shadow(188, 206, 120)
        c.path("M140 96h96l-34 52h-28Z", p.light)
        c.line("M150 96q38 12 76 0", p.a, 4)
        c.path("M150 148h76l14 50q0 8 -8 8H144q-8 0 -8 -8Z", p.light, opacity=0.6)
        c.path("M144 176h88l8 22q0 8 -8 8H144q-8 0 -8 -8Z", "#5a3825")
        c.rect(148, 142, 80, 9, p.b, r=3)
        c.steam(180, 78, 2)
        c.path("M292 150h44q2 46 -16 48h-12q-18 -2 -16 -48Z", p.a)
    for _n in range(rng.randint(4, 8)):
        x, y, t = rng.uniform(30, 370), rng.uniform(216, 240), rng.uniform(0, 180)
        c.oval(x, y, 8, 5.4, "#5a3825", turn=t)
        c.line(f"M{x - 4:.0f} {y:.0f}q4 -3 8 0", "#a9774f", 1.4)


def wood(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.rect(0, 0, WIDTH, HEIGHT, p.ground, opacity=0.35)
    y = 60.0
    while y < HEIGHT:
        h = rng.uniform(38, 54)
        tone = rng.choice(("#c99a66", "#b98452", "#d8ae7c", "#c08d5a"))
        c.rect(0, y, WIDTH, h - 2, tone)
        for _n in range(3):
            gy = y + rng.uniform(7, h - 8)
            c.line(
                f"M{rng.uniform(-20, 160):.0f} {gy:.0f}q60 {rng.uniform(-5, 5):.0f} 120 0t{rng.uniform(60, 150):.0f} 2",
                "#8a5a33",
                1.3,
                opacity=0.5,
            )
        if rng.random() < 0.5:
            c.oval(rng.uniform(40, 360), y + h / 2, 9, 5, "#8a5a33", opacity=0.6)
        y += h
    x = rng.uniform(60, 140)
    if rng.random() < 0.55:  # a plane
        c.shadow(x + 90, 158, 210)
        c.path(f"M{x} 150v-28q0 -8 10 -8h150q34 2 40 36Z", rng.choice(("#4d6073", "#2f4a3f", "#5b3a57")))
        c.path(f"M{x + 20:.0f} 114q-4 -32 18 -34q14 4 8 34Z", p.dark)
        c.path(f"M{x + 92:.0f} 114l26 -34h14l-12 34Z", p.dark)
        c.circle(x + 160, 102, 13, p.dark)
    else:  # a saw
        c.path(f"M{x + 50:.0f} 92L{x + 226:.0f} 122V140L{x + 50:.0f} 146Z", p.light)
        teeth = "".join("l5 6 5 -6" for _n in range(17))
        c.path(f"M{x + 54:.0f} 145{teeth}Z", p.light)
        c.rect(x, 92, 56, 58, p.a, r=14)
        c.rect(x + 14, 108, 28, 26, "#c99a66", r=9)
    for _n in range(5):
        sx, sy = rng.uniform(30, 370), rng.uniform(176, 236)
        c.line(f"M{sx:.0f} {sy:.0f}c8 -12 20 -8 16 2s-14 6 -10 -4", "#efd5ab", 4)


def vases(c: Canvas) -> None:
    p, rng = c.palette, c.rng
    c.floor(200)
    c.circle(rng.uniform(130, 270), 112, 84, p.light, opacity=0.45)
    x = 74.0
    glazes = [p.a, p.b, p.c, p.light, p.dark]
    rng.shuffle(glazes)
    for i in range(4):
        w, h = rng.uniform(46, 64), rng.uniform(56, 122)
        top, fill = 204 - h, glazes[i]
        c.shadow(x + w / 2, 205, w + 14)
        kind = rng.random()
        if kind < 0.4:
            c.path(
                f"M{x + w * 0.34:.0f} {top:.0f}h{w * 0.32:.0f}v{h * 0.22:.0f}"
                f"Q{x + w * 1.12:.0f} {top + h * 0.45:.0f} {x + w * 0.78:.0f} 204"
                f"H{x + w * 0.22:.0f}Q{x - w * 0.12:.0f} {top + h * 0.45:.0f} {x + w * 0.34:.0f} {top + h * 0.22:.0f}"
                f"Z",
                fill,
            )
            if rng.random() < 0.6:
                c.branch(x + w / 2, top, rng.uniform(38, 60), rng.uniform(-16, 16), p.dark, 4)
        elif kind < 0.7:
            h *= 0.6
            top = 204 - h
            c.path(
                f"M{x - 4:.0f} {top:.0f}h{w + 8:.0f}Q{x + w:.0f} 204 {x + w * 0.7:.0f} 204"
                f"H{x + w * 0.3:.0f}Q{x:.0f} 204 {x - 4:.0f} {top:.0f}Z",
                fill,
            )
        else:
            c.rect(x + 4, top, w - 8, h, fill, r=10)
        c.line(
            f"M{x + w * 0.24:.0f} {204 - h * 0.46:.0f}q{w * 0.26:.0f} 8 {w * 0.52:.0f} 0",
            p.light if fill != p.light else p.a,
            3,
            opacity=0.6,
        )
        x += w + 14
