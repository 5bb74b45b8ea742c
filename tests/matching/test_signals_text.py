"""Words of columns of texts, and phrases among them."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.signals.lexicon import Lexicon
from matching.signals.text import HASHTAG, MENTION, SEPARATOR, TextColumn, folded, words_of

TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=60)


def column(*texts: str):
    return words_of(TextColumn.of(texts))


@given(st.lists(TEXTS, max_size=8))
def test_a_column_reads_each_text_as_if_alone(texts: list[str]) -> None:
    together = words_of(TextColumn.of(texts))
    for index, text in enumerate(texts):
        alone = words_of(TextColumn.of([text]))
        here = together.text == index
        assert together.hash[here].tolist() == alone.hash.tolist()
        assert together.kind[here].tolist() == alone.kind.tolist()
        for name in ("n_words", "n_plain", "n_mentions", "n_emoji", "n_questions", "n_hashtags", "text_hash"):
            assert getattr(together, name)[index] == getattr(alone, name)[0]


@given(TEXTS)
def test_case_and_accents_do_not_matter(text: str) -> None:
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    if plain.upper().lower() == plain.lower():  # "ß", "ı" and their like change letters
        assert column(text.lower()).hash.tolist() == column(text).hash.tolist()


def test_words_mentions_hashtags_and_marks_are_told_apart() -> None:
    words = column("Hé @anna.b, où l’as-tu trouvée ?? 😍😍 #Déco #home", "")
    assert (words.n_mentions[0], words.n_hashtags[0], words.n_questions[0], words.n_emoji[0]) == (1, 2, 2, 2)
    assert words.n_plain[0] == 6
    assert (words.kind == MENTION).sum() == 2 and (words.kind == HASHTAG).sum() == 2  # "anna" and "b" are one mention
    assert words.n_words[1] == 0 and words.text_hash[1] == 0


def test_letter_runs_fold_but_web_addresses_stay() -> None:
    assert column("soooooo cuuuute").hash.tolist() == column("so cute").hash.tolist()
    assert column("www").hash[0] != column("w").hash[0]


def test_numbers_are_one_word() -> None:
    assert column("2019").hash[0] == column("3").hash[0] != column("3d").hash[0]


def test_fancy_letters_read_as_plain_ones() -> None:
    assert column("𝓫𝓮𝓪𝓾𝓽𝓲𝓯𝓾𝓵").hash.tolist() == column("beautiful").hash.tolist()


def test_sentences_end_at_stops_and_breaks() -> None:
    words = column("Not kidding. Really!\nYes", "and more")
    assert len(set(words.sentence.tolist())) == 4


def test_separators_inside_a_text_cannot_shift_the_column() -> None:
    assert column(f"a{SEPARATOR}b", "c").text.tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match="announced"):
        words_of(TextColumn("a" + SEPARATOR + "b", 3))


def test_folded_texts_are_what_people_search() -> None:
    assert folded(TextColumn.of(["Cœur d'Été", "ÉCOLE N° 3", "İstanbul"])) == ["coeur d'ete", "ecole n° 3", "istanbul"]


def test_phrases_are_found_where_they_start_and_never_across_texts() -> None:
    lexicon = Lexicon({"usage": ["j'ai testé", "depuis 0 mois"], "any": ["mois"]})
    words = column("J’AI  TESTE ce sérum depuis 3 mois", "j'ai", "testé", "depuis", "2 mois")
    hits = lexicon.find(words)
    assert hits.count("usage").tolist() == [2, 0, 0, 0, 0]
    assert hits.any("any").tolist() == [True, False, False, False, True]
    assert [int(words.position[w]) for w in hits.at("usage")] == [0, 5]


@given(
    st.lists(st.sampled_from(["a b", "b c", "c", "a b c", "x"]), min_size=1, max_size=5),
    st.lists(st.sampled_from("abcx"), max_size=12),
)
def test_a_lexicon_finds_what_a_search_finds(phrases: list[str], text: list[str]) -> None:
    hits = Lexicon({"l": phrases}).find(column(" ".join(text)))
    wanted = {i for phrase in phrases for i in range(len(text)) if text[i : i + len(phrase.split())] == phrase.split()}
    assert set(hits.at("l").tolist()) == wanted


def test_an_empty_column_is_empty() -> None:
    words = column()
    assert words.n == 0 and len(words.hash) == 0
    assert Lexicon({"l": ["a"]}).find(words).count("l").tolist() == []
    assert np.array_equal(words.text_hash, np.zeros(0, np.uint64))
