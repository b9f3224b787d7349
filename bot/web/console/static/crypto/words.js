// Words for what people compare by voice and write on paper; the list is bot/crypto/wordlist.py's, a test compares.

import { sha256 } from "./keys.js";

export const WORDS = `
able about above absent accent acorn across act action actor adapt add adjust admire adopt advice afford after
again agenda agent agree ahead aim air airport alarm album alert algebra alike alive alley almond almost alpha
alpine already also always amazing amber amount ample amuse anchor ancient angle animal ankle annual answer
antenna antique anvil apart apple apply apricot apron arcade arch arctic area arena argue arm aroma around
arrange arrive arrow art article artist ascend ask asleep aspect asphalt aspirin assist atlas attach attend
attic auburn auction audio august author autumn avenue average avocado avoid awake award aware away awning
axis axle azure baby badger bagel baggage bake balance balcony ballet balloon bamboo banana band banjo bank
banner barber bargain barley barn barrel basalt base basic basil basin basket bassoon bath battery bay bazaar
beach beacon beagle beam bean beard beauty beaver because become bed bedroom beetle before begin behind beige
belong below belt bench benefit beside best better beyond bicycle big bike bill bingo birch bird biscuit bison
blanket blend blink block blossom blouse blue boat bobbin body boil bold bolt bonfire bonus book boot border
borrow both bottle bottom boulder bounce bowl box bracket brain branch brass brave breeze brick bridge brief
bright bring brisk broad bronze broom brother brown brush bubble bucket buckle budget buffalo buffet bugle
build bulb bumper bunch bundle bunny bus bush butter button buzz cabbage cabin cabinet cable cactus cafe cake
calcium call calm camel camera camp campus canal canary candle candy canoe canyon capable cape captain caramel
caravan carbon card care cargo carol carpet carrot carry cart cartoon carve case cashew castle casual cat
catalog catch cattle cave cedar ceiling celery cement center century ceramic certain chain chair chalk chance
change channel chapter charm chart chat check cheddar cheek cheer cheese chef cherry chess chicken chief
chimney chin choice chorus chrome chuckle cider cinema circle circus citrus city claim clap clarity class
classic clay clean clear clerk clever cliff climate climb clinic clip clock clothes cloud clover club clue
coach coast coat cobalt cobbler coconut code coffee coin cold collar collect color column comb comedy comet
comfort comic common compass comply compose concert condor cone confirm connect contact contain contest cook
cookie cool copper copy coral cork corn correct cosmos cotton couch couple courage cousin cover cow coyote
crab cradle craft crane crater crayon cream create credit crew cricket crimson crisp crocus crop crowd crown
cruise crumb crystal cube cuckoo culture cup curious curl curry curtain curve cushion custom cycle cypress
daily dairy daisy damp dance daring dash data date dawn day debate decade decide deck declare deep define
degree delay deliver delta demand denim dentist depend deposit depth derive design desk detail develop device
dewdrop diagram dial diamond diary dictate diesel differ digit digital dinner direct dish ditch dive divide
dizzy doctor dog dollar dolphin domain donate donkey donor door double dough down dozen draft dragon drama
draw dream dress drift drink drive drizzle drum dry duck duet dune during dusk dust duty dynamo eager eagle
early earn earth easel east easy echo eclipse ecology edge edit editor educate effect effort egg either
elastic elbow elder elect elegant element eleven elf elk elm else embark ember emblem embrace emerald emerge
employ empty emu enable enamel encore end endless endorse energy engage engine enjoy enough enrich enter
entire entry episode equal equator era errand essay essence estate eternal ethics even evening event ever
evolve exact exam example exceed excite exhibit exist exit exotic expand expect expert explain explore export
express extend extra eye eyebrow fable fabric face fact factory falcon fall fame family famous fan fancy
fantasy far farm fashion fast father fathom favor feast feather feature feel felt fence fennel fern ferry
fetch fewer fiber fiction fiddle field fifteen fifty fig figure file fill film filter final finch fine finger
finish firefly firm first fish fit fitness five fix flag flame flannel flap flat flavor flax fleece fleet
flight flint flip float flock floor floral flow fluent fluff fluid flute fly foam focus fog foil fold folk
follow food foot forest forever forget fork formal format former formula fortune forty forum forward fossil
found four fox fragile frame freckle free freedom freeze freight fresh friday fridge friend fringe frog front
frost frozen fruit fudge fuel full fun funny future gadget galaxy gale gallery gallon gallop game garage
garden garlic garment garnet gate gather gauge gazelle gear gecko gem general gentle genuine geology gesture
geyser giant gift ginger giraffe give glacier glad glance glass glaze gleam glide glimpse glitter globe glory
glossy glove glow glue goal goat gold golden golf gondola good goose gopher gorilla gourd grace gradual grain
grammar grand granite grape graph grass gravel gravity gravy green greet grid grill grin grip grocery groove
group grove grow growth guard guava guess guest guide guitar gulf gull gumdrop gust gymnast gypsum habit haiku
half halo hammer hammock hamster hand handle happen happy harbor hard harmony harp harvest hat hatch haven
hawk hazel head health hearth heather heavy hedge height helium helmet helper hen herb herd heron herring
hexagon hiccup hickory hidden high hike hill hint hippo history hive hobby hockey hold hollow holly home
honest honey hood hope horizon horn host hotel hover hub huddle hug human humble humid humor hundred hurdle
hurry husky hut hybrid ibis ice iceberg icicle icon idea ideal igloo image imagine imitate impact import
improve impulse inch include income indeed index indigo indoor inform inhale initial inkwell inland inlet
inner input insect inside inspect inspire install instant intact intend into invent invite iris iron island
issue item ivory ivy jacket jade jaguar jam january jar jasmine jaunty jay jazz jelly jersey jet jewel jigsaw
job jockey jog join joke jolly journal journey joy juggle juice jukebox july jumbo jump june jungle junior
juniper jury just justice jute kale karate kayak keel keen keep kelp kennel kernel kestrel kettle key kidney
kiln kilo kind kindle kiosk kitchen kite kitten kiwi knee koala kudos kumquat label labor lace ladder ladybug
lagoon lake lamb lamp lance land lantern lap laptop large lark laser last latch late laugh laundry laurel lava
lawn layer lazy leader leaf league learn leather lecture left legacy legal legend lemon lend length lens
lentil leopard letter lettuce level lever liberty library license lichen lid life lift light lilac lily limb
lime limit linen linger link lion liquid list listen little lively lizard llama load lobster local locate lock
locket lodge lofty log logic long look loop lotion lotus loud lounge love lovely low loyal lucky luggage
lullaby lumber lunar lunch lung lupin luxury lyric machine magnet magpie major make mallard mammal mammoth
manage mango manor mantle manual many map maple marble march margin marine market marlin maroon marsh mason
match math matrix matter maximum maybe mayor meadow meal measure media medium meet mellow melody melon member
memory mention mentor mercury merge merit merry mesh message meteor meter method metro middle might mild mile
milk mill million mimic mineral minimum mint minus minute miracle mirror mitten mixer mixture mobile model
modern modest module moment monday money monitor monkey month mood moon moral mosaic moss most moth motion
motor mouse mouth move movie much muesli muffin museum music must mutual myrtle mystery myth nail name napkin
narrow narwhal nature navy near nearby neat nebula neck nectar needle neither neon nephew nest network neutral
never newborn next nice nickel niece nine noble noise nominee noodle noon normal north notable notch nothing
notice notion nougat novel now number nurse nursery nut nutmeg nylon oak oasis oat object oblong oboe observe
obtain ocean october octopus odd offer office often oil okra old olive olympic omega omelet onion online only
onward onyx opal open opera opinion opossum optic option orange orbit orchard orchid order oregano organ
organic origin oriole osprey ostrich other otter ounce outdoor outer outfit outline outlook output outside
oval oven over owl owner oxygen oyster ozone pace pack paddle padlock page pagoda paint pajamas palace palette
palm pancake panda panel pansy panther pantry papaya paper paprika parade parcel parent park parka parrot
parsley parsnip partner party passage pasta pastel pastry pasture patch path patio patrol pattern payment
peach peacock peanut pearl pebble pecan pelican pencil penguin peony pepper perch perfect perfume period
permit petunia phase phone photo phrase physics piano piccolo pickle picnic pie pigeon pillar pillow pilot
pine pink pipe pitch pizza place plan planet plank plant play plaza pledge plenty plow pluck plural plus plush
pocket poem poet point polar polish polite pollen polo pond pony pool poplar poppy porch portal potato pouch
powder power price print prism prize proof proper proud prune public puddle puffin pull pulley pulp pulse puma
pump pupil puppet puppy pure purple purse push puzzle quail quarry quart quartz quasar quest quiet quill quilt
quince quinoa quiver quiz quota quote rabbit race radar radio radish radius raffle raft raisin rally ramp
ranch random range rapid rare rather rattle raven reach react ready real reason recall recent recipe record
reduce reef refer regard region relate relax relay relic relief rely remain remark remedy remind remote renew
rent repair repeat reply report rest result resume retail retire return reveal review reward rhyme rhythm
ribbon rice rich riddle ride ridge rigid ripple rise river roast robe robin robot robust rock rocket rodeo
roof rookie room rope rotate rotor rough round row royal rubber ruby rudder ruffle rug rugby ruler rumba run
runway rural rush rust rustic sable sack saddle safari safe saga sage sailor salad salary salmon salon salt
salute same sample sandal satin saturn sauna save savory scale scan scarf scenic scheme school scoop scope
score scout screen script scroll search season seat second secure seed select self senior sense sequel series
serve sesame settle seven shade shadow shape share shark sharp shawl shed sheep sheet shelf shell shield shift
shine ship shirt shoe shop shore short shovel show shrimp shrub shy side sienna sift sign signal silent silk
silly silver simple since sing siren sister six size skate sketch ski skill skirt sky slate sled sleep sleeve
slice slide slogan slope slow small smart smile smooth snack snail snake snow soap soccer social sock soda
sodium sofa soft soil solar solid solo solve song sonnet soon sorbet sorrel sort sound soup south soy space
spare spark speak speech speed spend sphere spice spider spiral splash sponge spoon sport spot spray spread
spring sprout spruce square squash squid stable staff stage stamp stand stanza star start state statue stay
steady steam stem step stereo stick still stitch stock stone stool store stork story stove straw stream street
string stripe stroll strong studio study sturdy style subtle suburb subway sudden sugar suit summer summit
sunday sunny sunset super supper supply surfer swamp swan swap sweep swift swim swing switch syrup system
table tablet tackle taco tailor talent talk tandem tango tank tape target tart task taste taxi teach team
teapot tech teddy tell tempo tenant tender tennis tent tenth term test text thank theme theory thick thin
thing think third thorn thread three thrive throat thrush thumb ticket tidy tiger tile timber tin tip tissue
title toast today toffee toilet token tomato tone tongue tool tooth topaz topic torch total toucan touch towel
tower town toy track trade trail train travel tray treble tree trek trend trick trip triple trophy trot trout
truck true trunk trust truth try tuba tube tulip tumble tuna tundra tune tunnel turnip turtle tutor tuxedo
tweed twelve twenty twice twig twin twist typist umpire uncle under undo unfold union unique unit unlock until
update uphill upon upper upward urban useful usher usual utmost vacant vacuum valid valley value vanish vapor
vase vault vector velvet vendor venue verb verify very vessel viable video view vine vinyl viola violet violin
visit visual vital vivid vocal voice volume vote vowel voyage wafer waffle wagon walk wallet walnut walrus
waltz wander wanted warm warmth wash watch water wax wealth weasel weave well west wharf wheat wheel white
wide widget wild willow win wind window wing winner winter wire wisdom wise wish within wolf wonder wool word
work world worthy wren wrench writer yacht yak yam yard yarn yarrow year yeast yellow yodel yoga yogurt young
youth yoyo yucca zebra zenith zephyr zero zest zigzag zinc zinnia zipper zone zoo zoom
`.trim().split(/\s+/);

const BITS = 11; // of each word

/** Eight words for a public key: the first 88 bits of SHA-256 over it. */
export async function fingerprintWords(raw) {
  const digest = (await sha256(raw)).subarray(0, 11);
  let bits = 0n;
  for (const byte of digest) bits = (bits << 8n) | BigInt(byte);
  return Array.from({ length: 8 }, (_, at) => WORDS[Number((bits >> BigInt(BITS * (7 - at))) & 2047n)]);
}

/** Six random words: 66 bits. */
export function makePassphrase() {
  const drawn = globalThis.crypto.getRandomValues(new Uint16Array(6));
  return Array.from(drawn, (number) => WORDS[number % WORDS.length]); // 2048 divides 65536: no word is likelier
}
