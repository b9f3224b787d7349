"""Small closed word lists of the languages served: negation, ordinals, polite filler. Folded, as people type them.

Nothing here is shown to anyone. What people read lives in translations/.
"""

from typing import Final

from bot.nlu.normalise import words_of


def listed(words: str) -> list[str]:
    """The folded words of a text that lists them with spaces between."""
    return words_of(words).split()


NEGATIONS: Final = frozenset(
    listed("""
    no not dont doesnt didnt isnt arent wasnt wont cant cannot never without none neither nor
    ne nije nisam nisi nismo necu nemoj nikad nikada bez
    pas jamais sans aucun aucune
    nao nunca sem nem jamais
    nunca sin ni tampoco jamas
    degil yok hayir asla
    net nikogda bez
    لا ليس ليست لم لن ما مو مش مب بدون غير
    نه نيست نيستم نميخواهم نمي نميخوام
    نهين نهي مت بغير
    نهين نا نشته مه
    nahi nahin mish mush
    """)
)
"""Words that turn a sentence round. Left out: what is a common word of another language (romanised Arabic `la`)."""

FILLERS: Final = frozenset(
    listed("""
    please pls plz the a an i id im want need would like to my me for option number choice choose pick one answer
    it is its that this about ok okay thanks thank you go with and
    molim hocu zelim treba mi opcija broj
    svp plait sil te vous je veux voudrais le la les un une des option numero choix
    por favor quero queria o os as um uma opcao numero
    quiero quisiera el los las una opcion
    lutfen istiyorum secenek numara bir
    pozaluista hocu nuzno mne
    من فضلك لو سمحت اريد بدي عايز رقم
    لطفا ميخواهم مي خواهم گزينه شماره
    براي مهرباني چاهيه نمبر
    """)
)
"""Words around an answer that do not change it."""

ORDINALS: Final[dict[str, int]] = {
    **dict(
        zip(
            listed("first second third fourth fifth sixth seventh eighth"),
            range(1, 9),
            strict=True,
        )
    ),
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
    "5th": 5,
    "6th": 6,
    "7th": 7,
    "8th": 8,
    **dict(zip(listed("prvi drugi treci cetvrti peti sesti sedmi osmi"), range(1, 9), strict=True)),
    **dict(zip(listed("prva druga treca cetvrta peta sesta sedma osma"), range(1, 9), strict=True)),
    **dict(zip(listed("premier deuxieme troisieme quatrieme cinquieme"), range(1, 6), strict=True)),
    "premiere": 1,
    "second": 2,
    "seconde": 2,
    **dict(zip(listed("primeiro segundo terceiro quarto quinto"), range(1, 6), strict=True)),
    **dict(zip(listed("primeira segunda terceira quarta quinta"), range(1, 6), strict=True)),
    **dict(zip(listed("primero segundo tercero cuarto quinto"), range(1, 6), strict=True)),
    "primera": 1,
    "tercera": 3,
    "cuarta": 4,
    **dict(zip(listed("birinci ikinci ucuncu dorduncu besinci"), range(1, 6), strict=True)),
    **dict(zip(listed("الاول الثاني الثالث الرابع الخامس"), range(1, 6), strict=True)),
    **dict(zip(listed("الاولي الثانيه الثالثه الرابعه الخامسه"), range(1, 6), strict=True)),
    **dict(zip(listed("اول دوم سوم چهارم پنجم"), range(1, 6), strict=True)),
    **dict(zip(listed("pervyi vtoroi tretii cetvertyi pjatyi"), range(1, 6), strict=True)),
}
"""Places in a list, as words."""

CARDINALS: Final[dict[str, int]] = {
    **dict(
        zip(
            listed("one two three four five six seven eight nine ten eleven twelve"),
            range(1, 13),
            strict=True,
        )
    ),
    **dict(zip(listed("jedan dva tri cetiri pet sest sedam osam devet deset"), range(1, 11), strict=True)),
    **dict(zip(listed("un deux trois quatre cinq six sept huit neuf dix"), range(1, 11), strict=True)),
    **dict(zip(listed("um dois tres quatro cinco seis sete oito nove dez"), range(1, 11), strict=True)),
    **dict(zip(listed("uno dos tres cuatro cinco seis siete ocho nueve diez"), range(1, 11), strict=True)),
    **dict(zip(listed("bir iki uc dort bes alti yedi sekiz dokuz on"), range(1, 11), strict=True)),
    **dict(zip(listed("odin dva tri cetyre pjat sest sem vosem devjat desjat"), range(1, 11), strict=True)),
    **dict(zip(listed("واحد اثنان ثلاثه اربعه خمسه سته سبعه ثمانيه تسعه عشره"), range(1, 11), strict=True)),
    **dict(zip(listed("يك دو سه چهار پنج شش هفت هشت نه ده"), range(1, 11), strict=True)),
}
"""Numbers as words. Persian nine is spelled like its `no`, so a lone `نه` is not read as a number."""
