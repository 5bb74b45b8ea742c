"""What comments are: question, testimony, debate, recommendation, or noise; in French, in English, else abstain."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from matching.signals.comments import KINDS, LANGUAGES, CommentContext, classify_comments
from matching.signals.text import TextColumn
from tests.matching.shared import folder

EXPECTED = {
    "question": [
        "Where did you get the lamp?",
        "Which foundation shade is that please? I burn easily",
        "Can you share the recipe for the dressing",
        "Il vient d'où ce canapé ?",
        "Quelle marque pour la peinture du couloir ?",
        "Est-ce que la texture convient aux peaux sensibles ?",
        "Tu l'as trouvé où ce miroir ?",
    ],
    "testimony": [
        "I've been using this serum for six months and my redness is gone",
        "We tried this recipe last week with the kids and it worked perfectly",
        "I bought mine last year, the zip broke after three hikes",
        "Je l'utilise depuis deux ans et ma peau est beaucoup moins sèche",
        "J'ai testé la recette hier soir, la pâte était un peu collante",
        "On a acheté le même pour la chambre, il tient très bien",
    ],
    "debate": [
        "Not so sure, because the packaging is plastic and the shop refuses returns, however the formula is honest",
        "I disagree, although the price is fair the cotton pills after two washes",
        "Je ne suis pas d'accord, parce que ce modèle consomme beaucoup plus que l'ancien",
        "Le tissu est superbe, par contre je trouve que la coupe ne convient pas aux petites tailles",
    ],
    "recommendation": [
        "@lucie this is the blender I told you about last week",
        "@marc on devrait prendre cette route pour les vacances",
        "You should try the one from Uriage, same texture without perfume",
        "Je te conseille plutôt la version en lin, elle vieillit mieux",
    ],
    "generic": [
        "So pretty",
        "Love this!!",
        "Trop beau",
        "Magnifique 😍",
        "Absolutely stunning babe",
        "J'adore cette photo",
    ],
    "emoji": ["😍😍😍", "🔥", "!!!", "❤️ ❤️"],
    "tag": ["@lucie", "@lucie @marc 😂"],
    "giveaway": ["Je participe avec plaisir, merci pour ce concours", "I hope I win this one, fingers crossed"],
    "spam": [
        "Check out my channel and subscribe, link in my bio",
        "Earn money from home, DM me on whatsapp",
        "Abonnez-vous à ma chaîne, lien en bio",
        "Hello dear, our brand would love to collaborate with you, DM us https://shop.example.com",
    ],
    "unclassified": [
        "Me encanta este vestido, dónde lo compraste",
        "Wo hast du diese schöne Lampe gekauft?",
        "なんて素敵な部屋なんでしょう",
    ],
}
CASES = [(kind, text) for kind, texts in EXPECTED.items() for text in texts]


def kinds(*texts: str, **context: object) -> list[str]:
    reading = classify_comments(TextColumn.of(texts), CommentContext(**context))  # type: ignore[arg-type]
    return [KINDS[k] for k in reading.kind]


@pytest.mark.parametrize(("kind", "text"), CASES, ids=[text[:40] for _, text in CASES])
def test_each_kind_in_both_languages(kind: str, text: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text", ["How are you?", "Ça va ?", "How cute is she??", "Isn't it?", "Tu vas bien ?", "Really??"]
)
def test_polite_and_rhetorical_questions_are_not_precise_ones(text: str) -> None:
    assert kinds(text) != ["question"]


def test_greeting_the_owner_by_name_is_not_tagging_a_friend() -> None:
    owner = np.array([classify_words("annabakes")], np.uint64)
    text = "@annabakes the crumb on this loaf looks wonderful today"
    assert kinds(text, owner=owner) == ["remark"]
    assert kinds(text) == ["recommendation"]


def classify_words(handle: str) -> np.uint64:
    from matching.signals.text import words_of

    return words_of(TextColumn.of([handle])).hash[0]


def test_tags_under_a_giveaway_are_entries() -> None:
    assert kinds("@lucie @marc", giveaway_post=np.array([True])) == ["giveaway"]


def test_an_undecided_text_takes_the_language_of_the_post() -> None:
    french, other = LANGUAGES.index("fr"), LANGUAGES.index("other")
    text = ["Sofa lin bouclette 240 cm"]
    assert kinds(*text, post_language=np.array([french], np.int8)) == ["remark"]
    assert kinds(*text, post_language=np.array([other], np.int8)) == ["unclassified"]


def test_a_text_repeated_under_many_creators_is_generic() -> None:
    text = "This made my whole afternoon better honestly"
    known = np.sort(classify_comments(TextColumn.of([text])).text_hash)
    assert kinds(text, common=known) == ["generic"] != kinds(text)


@given(st.permutations(range(len(CASES))))
def test_order_does_not_matter(order: list[int]) -> None:
    texts = [CASES[i][1] for i in order]
    assert kinds(*texts) == [CASES[i][0] for i in order]


@given(st.lists(st.text(max_size=300), max_size=6))
def test_any_text_gets_a_kind_and_scores_within_bounds(texts: list[str]) -> None:
    reading = classify_comments(TextColumn.of(texts))
    assert len(reading.kind) == len(texts)
    assert ((reading.quality >= 0) & (reading.quality <= 1) & (reading.spam >= 0) & (reading.spam <= 1)).all()


def test_padding_does_not_pay() -> None:
    text = "I have used this oil for two winters because my hands crack, and they stayed soft"
    reading = classify_comments(TextColumn.of([text, text + " very good" * 60]))
    assert reading.quality[1] < reading.quality[0]


def test_spam_of_real_videos_is_told_from_talk() -> None:
    texts, spam = [], []
    for path in sorted(folder("comments_spam").glob("*.csv")):
        with path.open(encoding="utf-8-sig") as lines:
            for row in csv.DictReader(lines):
                texts.append(row["CONTENT"])
                spam.append(row["CLASS"] == "1")
    assert roc_auc_score(spam, classify_comments(TextColumn.of(texts)).spam) >= 0.98


def test_quality_of_equally_long_comments_agrees_with_readers() -> None:
    with (folder("comments_constructive") / "constructive.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["comment"].strip()]
    good = np.array([row["is_constructive"] == "yes" for row in rows])
    length = np.array([len(row["comment"].split()) for row in rows], float)
    quality = classify_comments(TextColumn.of(row["comment"] for row in rows)).quality
    higher = pairs = 0.0
    for i in np.flatnonzero(good):
        alike = np.flatnonzero(~good & (np.abs(np.log(length / length[i])) <= 0.1))
        higher += (quality[i] > quality[alike]).sum() + 0.5 * (quality[i] == quality[alike]).sum()
        pairs += len(alike)
    assert pairs > 2_000 and higher / pairs >= 0.65
