"""Two-word names of cases, easy to say and to remember: "amber heron".

Colours and materials before animals and plants. No word says anything about a person: no skin colour, no
flag, no faith, no weapon, nothing used as an insult, nothing that hurts, nothing that pairs into one.
"""

DESIGNATION_BYTES = 4
"""How many random bytes a name takes."""

_FIRST = """
agate airy alpine amber apricot aqua auburn autumn azure balmy bamboo basalt beech beige birch boreal
braided brass breezy bright brisk bronze calm cedar ceramic chalk citrus clear cloudy clover cobalt copper
coral cosy cotton crisp crystal dappled dewy distant dotted early eastern elm emerald enamel fabled
feather felted fern flaxen floral fluted folded forest fresh frosty garnet gentle gilded glass glazed
golden granite grassy indigo jade juniper kindly lake lemon light lilac lime linen lofty lucid lunar maple
marble marine mellow merry mild mint misty mossy nimble northern oak oaken onyx opal orange orchid paper
pearl pebble peridot placid plum polar quartz quiet rapid river russet rustic saffron sapphire sienna
silken silver sky slate smooth snowy soft solar southern spring starry steady stone summer sunny teal
tidal topaz tranquil turquoise velvet verdant warm western willow winter woollen woven
"""

_SECOND = """
acorn albatross alder almond aspen aster avocet badger barley bison bittern bluebell bobcat bracken briar
bulrush bunting caribou carob chamois chestnut chicory condor cormorant cowslip crane cricket crocus
curlew cypress daffodil dahlia dipper dolphin dormouse dragonfly dunlin eagle egret elk fennel finch
firefly flamingo foxglove freesia gannet gazelle gecko gentian goldfinch grebe grouse hare harrier
hawthorn hedgehog heron hibiscus hoopoe hornbeam hyacinth hyssop ibex ibis ivy jackdaw jay kestrel
kingfisher kite koala lapwing larch lark laurel lichen linden linnet lotus lupin lynx magpie mallard
mallow marigold marjoram marten mimosa moorhen moth mulberry myrtle narcissus newt nightingale nuthatch
nutmeg oleander oriole osprey owl panda papyrus parsley partridge pelican peony petrel pheasant pine
pintail pipit plover poplar poppy primrose ptarmigan puffin quail quince rabbit raven redwing reed
reindeer sage salmon sandpiper seal sedge siskin snipe snowdrop sorrel sparrow spruce squirrel starling
stork sunflower swan swift sycamore tamarisk tansy tern thistle thyme toucan trout tulip turtle verbena
vervain vole wagtail walnut walrus warbler waxwing whimbrel wisteria wren yarrow yew zinnia
"""

FIRST_WORDS: tuple[str, ...] = tuple(_FIRST.split())
SECOND_WORDS: tuple[str, ...] = tuple(_SECOND.split())


def designation(randomness: bytes) -> str:
    """The name that these `DESIGNATION_BYTES` random bytes choose, each as likely as the next."""
    first = int.from_bytes(randomness[:2], "big")
    second = int.from_bytes(randomness[2:4], "big")
    return f"{FIRST_WORDS[first % len(FIRST_WORDS)]} {SECOND_WORDS[second % len(SECOND_WORDS)]}"
