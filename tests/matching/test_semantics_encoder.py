"""What any caller may rely on when texts become vectors: shape, length, determinism, and odd texts."""

import subprocess
import sys
import threading

import numpy as np
import pytest

from matching import semantics
from matching.semantics.scanning import MAX_CHARACTERS


def vector(text: str) -> np.ndarray:
    return semantics.encode([text])[0]


def cosine(one: str, other: str) -> float:
    return float(vector(one) @ vector(other))


def test_rows_are_float32_of_length_one() -> None:
    vectors = semantics.encode(["Une belle table en chêne", "A walk with my dog", "#ootd"])
    assert vectors.shape == (3, 256)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_text_gives_no_row() -> None:
    assert semantics.encode([]).shape == (0, 256)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "😀🔥❤️",
        "@someone",
        "https://example.com/skincare",
        "#",
        "...!!!",
        "\u200b\u200d\ufe0f",
        "\0\0",
        "٣٤٥",
        "美しい部屋",
    ],
)
def test_a_text_without_a_known_word_is_a_row_of_zeros(text: str) -> None:
    vectors, coverage = semantics.encode_with_coverage([text])
    assert not vectors.any()
    assert coverage[0] == 0


def test_one_text_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(TypeError, match="sequence of texts"):
        semantics.encode("a brief")
    with pytest.raises(TypeError, match="NoneType"):
        semantics.encode(["a brief", None])  # type: ignore[list-item]


def test_a_text_gives_the_same_row_alone_and_in_any_batch() -> None:
    texts = [f"Recette numéro {number} : tarte aux pommes #faitmaison{number % 7} and a walk" for number in range(300)]
    texts += ["", "Un texte bien plus long. " * 200, "😀"]
    together = semantics.encode(texts)
    assert np.array_equal(together[::-1], semantics.encode(texts[::-1]))
    for number in (0, 7, 299, 300, 301, 302):
        assert np.array_equal(together[number], semantics.encode([texts[number]])[0])


def test_another_process_gives_the_same_row() -> None:
    text = "Cosmétiques naturels et #slowfashion pour l'été"
    program = (
        "import django; django.setup(); from matching import semantics;"
        f"print(semantics.encode([{text!r}])[0].tobytes().hex())"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip().splitlines()[-1] == vector(text).tobytes().hex()


def test_threads_share_the_encoder() -> None:
    texts = [
        [f"#minimalist{word}interior", f"{word} recipe", "café noir"] for word in ("white", "oak", "linen", "wool")
    ]
    wanted = [semantics.encode(batch) for batch in texts]
    found: list[bool] = []

    def work(number: int) -> None:
        for _ in range(30):
            found.append(np.array_equal(semantics.encode(texts[number]), wanted[number]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 120
    assert all(found)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("CRÈME HYDRATANTE", "crème hydratante"),
        ("creme hydratante", "crème hydratante"),
        ("cre\u0300me hydratante", "crème hydratante"),
        ("𝓼𝓴𝓲𝓷 𝓬𝓪𝓻𝓮", "skin care"),
        ("ｓｋｉｎ　ｃａｒｅ", "skin care"),
        ("cœur de bœuf", "coeur de boeuf"),
        ("soft\u00adware", "software"),
        ("skin care 😍😍✨", "skin care"),
        ("skin care https://t.co/x?dog=1 @pizzadog", "skin care"),
        ("skin care dog.food@kennel.com", "skin care"),
        ("skin care www.dogfood.com", "skin care"),
        ("skin\r\ncare", "skin care"),
        ("skin\0care", "skin care"),
        ("l\u2019appartement d\u2019Élise", "l'appartement d'Élise"),
        ("#skin_care", "#skin #care"),
    ],
)
def test_the_same_words_however_written(written: str, read: str) -> None:
    assert cosine(written, read) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("#minimalistinterior", "minimalist interior"),
        ("#MinimalistInterior", "minimalist interior"),
        ("#cosmetiquesnaturels", "cosmétiques naturels"),
        ("#recettevégétarienne", "recette végétarienne"),
        ("#trailrunning", "trail running"),
        ("#summer2018", "summer"),
        ("#handmadeceramics", "handmade ceramics"),
    ],
)
def test_hashtags_are_read_as_words(tag: str, words: str) -> None:
    assert cosine(tag, words) > 0.85


def test_a_hashtag_of_no_words_is_not_forced_into_some() -> None:
    assert not vector("#xqzvbnkjhgf").any()
    assert not vector("#" + "a" * 5000).any()


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("chien", "dog", "car"),
        ("voiture", "car", "dog"),
        ("boulangerie", "bakery", "bank"),
        ("maquillage", "makeup", "football"),
        ("randonnée", "hiking", "nails"),
        ("livres", "books", "wine"),
        ("jardinage", "gardening", "video games"),
        ("bijoux", "jewelry", "cycling"),
        ("mariage", "wedding", "software"),
        ("grossesse", "pregnancy", "motorcycle"),
        ("meubles", "furniture", "chocolate"),
        ("épargne", "savings", "perfume"),
    ],
)
def test_a_french_word_is_nearer_its_english_meaning(word: str, near: str, far: str) -> None:
    assert cosine(word, near) > cosine(word, far) + 0.2


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("sneakers", "running shoes", "birthday cake"),
        ("skincare routine", "face cream", "football match"),
        ("canapé et coussins", "fauteuil de salon", "moto de course"),
        ("vegan recipes", "plant based cooking", "car engine"),
        ("ma fille et mon fils", "les enfants de la famille", "cryptomonnaie"),
        ("ootd", "outfit of the day", "sourdough bread"),
    ],
)
def test_the_same_thing_said_otherwise_is_nearer(one: str, other: str, far: str) -> None:
    assert cosine(one, other) > cosine(one, far) + 0.2


def test_accents_tell_words_apart_where_they_must() -> None:
    assert cosine("thé vert en vrac", "green tea") > cosine("the green one", "green tea")
    assert cosine("thé", "tea") > 0.6


def test_a_word_of_both_languages_is_read_in_the_language_of_its_text() -> None:
    french = vector("du pain frais de la boulangerie")
    english = vector("the pain in my back is getting worse")
    assert french @ vector("bread") > english @ vector("bread") + 0.3


def test_the_language_may_be_told() -> None:
    encoder = semantics.shared_encoder()
    as_french, as_english = encoder.encode(["chat"], "fr")[0], encoder.encode(["chat"], "en")[0]
    assert as_french @ vector("kitten") > as_english @ vector("kitten") + 0.2


def test_contractions_and_elisions_add_nothing() -> None:
    assert cosine("I don't know, it's a vegan recipe", "I know, a vegan recipe") > 0.9
    assert cosine("l'huile d'olive qu'on aime", "huile olive on aime") > 0.95


def test_rare_forms_fall_back_on_their_stem() -> None:
    # None of these is in the vocabulary; each begins with a word that is.
    assert cosine("minimalistically", "minimalist") > 0.5
    assert cosine("gardeningzz", "gardening") > 0.5


def test_a_huge_text_is_cut_and_quick() -> None:
    start = "Une recette de gâteau au chocolat. " * (MAX_CHARACTERS // 35 + 1)
    assert np.array_equal(vector(start), vector(start + "football " * 120_000))
    hostile = [
        "a" * 1_000_000,
        "#" * 1_000_000,
        "@a " * 300_000,
        "://" * 300_000,
        "\u0301" * 1_000_000,
        "é" * 1_000_000,
    ]
    vectors = semantics.encode(hostile)
    assert np.isfinite(vectors).all()


def test_hostile_characters_are_read_without_error() -> None:
    texts = ["\ud800 lone surrogate recipe", "\u202eesrever recipe", "recipe\x00\x1b[31m", "\uffff\U0010ffff recipe"]
    vectors = semantics.encode(texts)
    assert np.isfinite(vectors).all()
    assert (vectors @ vector("recipe") > 0.3).all()


def test_coverage_is_the_share_of_known_words() -> None:
    _, coverage = semantics.encode_with_coverage(["dog and cat", "dog xqzvbn", "xqzvbn wkjhgf"])
    assert coverage.tolist() == pytest.approx([1, 0.5, 0])


def test_the_version_names_the_space() -> None:
    assert semantics.version() == semantics.shared_encoder().version
    assert semantics.version().startswith("s")


def test_languages_are_told_or_left_open() -> None:
    texts = [
        "Aujourd'hui je vous présente ma nouvelle recette de tarte aux pommes",
        "Today I am sharing my new recipe with all of you",
        "Hoy les presento mi nueva receta de tarta de manzana para toda la familia",
        "Сегодня я покажу вам новый рецепт",
        "今日は新しいレシピを紹介します",
        "",
        "😍😍",
        "ok",
    ]
    assert semantics.identify_languages(texts) == ["fr", "en", "other", "other", "other", "", "", ""]


def test_english_hashtags_do_not_hide_a_french_text() -> None:
    text = "Une balade en forêt avec les enfants ce matin #nature #forest #family #happy #love"
    assert semantics.identify_languages([text]) == ["fr"]
