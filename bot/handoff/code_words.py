"""Code words of a case: three plain words by which its person knows the real helpers. They are no name of the case.

The person and the caseworkers whom the case was sealed to know them; the database does not. Everyday things, none of them a
word of a designation: who saw the name of a case in the queue knows nothing of these. No word that is used as an
insult, hurts, or is a number, a day or a month; no two begin alike, so that one letter written wrong is no other word.
"""

from typing import Final

CODE_WORDS: Final = 3
CODE_WORD_BYTES: Final = 2 * CODE_WORDS
"""How many random bytes they take."""

_WORDS = """
anchor angle apple bakery balloon basket bicycle biscuit blanket bottle branch bread bridge broom
brush bubble bucket butter cabbage cabin canal candle carrot ceiling cereal chair cheese chimney cinema
circle clock coat coffee colour comb compass concert cookie corner crayon cucumber curtain cushion desk
diamond dinner dish door drawer drum easel echo elephant engine evening festival flour flower fork
freezer garden garlic giraffe glove grain grape gravel guitar helmet hill horse igloo island jacket
jelly juice kettle kitchen kiwi ladder lamp leaf lemonade lesson lettuce library lion lizard lunch
magnet mango market mattress meadow medal mirror mitten morning mountain museum mushroom music
napkin noodle notebook oatmeal ocean olive onion orchard paddle paint palace pancake parade pasta
peanut pencil pepper piano picnic pigeon pizza planet pocket pond popcorn potato pumpkin puzzle
radio raisin recipe ribbon roof ruler salad salt sandal saucer scarf season shirt shoe shovel silk
sleeve slipper soap sock spice spinach sponge spoon square stairs sweater syrup table tailor teapot
tent theatre thread thunder tiger timber toast tomato towel tractor tray tree triangle trumpet umbrella
valley vanilla vase violin waffle wagon wave wheel window wool yard yoghurt zebra
"""

WORDS: Final[tuple[str, ...]] = tuple(_WORDS.split())


def code_words(random: bytes) -> str:
    """The three words, all different, that these `CODE_WORD_BYTES` random bytes choose."""
    left = list(WORDS)
    return " ".join(
        left.pop(int.from_bytes(random[at : at + 2], "big") % len(left))
        for at in range(0, CODE_WORD_BYTES, 2)
    )
