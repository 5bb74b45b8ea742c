"""What people wrote under the contents of the demo's campaigns: posts as a connector sees them, with their comments."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from accounts.models import SocialAccount
from accounts.secrets import pseudonymiser
from campaigns.models import Content
from matching.models import Comment, Post

COMMENTS = 120
_SAID = {
    "fr": (
        ("Adopté", "Je l’utilise depuis deux semaines", "Reçu hier", "Testé chez moi", "Merci pour l’avis", "Enfin"),
        ("franchement j’adore", "c’est une belle découverte", "très bonne qualité", "je suis ravie", "je recommande"),
        ("super utile", "un vrai plaisir", "bravo à la marque", "parfait pour moi", "déjà commandé, trop contente"),
        ("un peu cher quand même", "déçue par l’odeur", "pas convaincue", "la livraison était longue"),
        ("Il tient combien de temps ?", "Ça convient aux peaux sèches ?", "On le trouve où ?"),
    ),
    "en": (
        ("Got mine", "Two weeks in", "Tried it at home", "Thanks for the honest review", "Finally", "Same here"),
        ("honestly love it", "such a great find", "really good quality", "so happy with it", "would recommend"),
        ("super useful", "a real pleasure", "well done to the brand", "perfect for me", "already ordered, so excited"),
        ("a bit expensive though", "disappointed with the smell", "not convinced", "shipping took long"),
        ("How long does it last?", "Does it work outdoors?", "Where can I find it?"),
    ),
}  # fmt: skip


def observed(content: Content, account: SocialAccount, language: str, rng: random.Random, now: datetime) -> None:
    """Ties the content to a post of the account, observed yesterday with its comments."""
    seen = now - timedelta(days=1)
    post = Post.objects.create(
        account=account, platform=account.platform, external_id=f"demo-{content.pk.hex[-12:]}", posted_at=content.published_at,
        kind="image", caption="", url=content.url, language=language, is_sponsored=True, source=account.source, observed_at=seen,
    )  # fmt: skip
    Content.objects.filter(pk=content.pk).update(post=post)
    hashed = pseudonymiser(account.platform)
    rows = []
    for number in range(COMMENTS):
        at = content.published_at + timedelta(hours=rng.lognormvariate(1.6, 1.5))
        if at >= seen:
            continue
        rows.append(
            Comment(
                post=post, external_id=f"demo-{content.pk.hex[-12:]}-{number}", author_hash=hashed(f"fan{rng.randrange(10**6)}"),
                posted_at=at, text=_said(language, rng), source=account.source, observed_at=seen,
            )
        )  # fmt: skip
    Comment.objects.bulk_create(rows)


def _said(language: str, rng: random.Random) -> str:
    first, good, more, bad, asks = _SAID[language]
    draw = rng.random()
    if draw < 0.14:
        return rng.choice(asks)
    if draw < 0.22:
        return f"{rng.choice(first)}, {rng.choice(bad)}."
    return f"{rng.choice(first)}, {rng.choice(good)}, {rng.choice(more)}{rng.choice(('.', ' !', ' ❤️'))}"
