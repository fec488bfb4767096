/*
 * password_words.c - what people choose when asked for a password: the words that lead published
 * lists of leaked ones, and those that suggest themselves at work in a restaurant, clinic or shop.
 * In lower case and without digits, which password_rules.c sees through.
 */
#include "password.h"

const char password_words[] =
	/* about passwords and computers */
	"password passwort passwd passw passphrase passcode contrasena motdepasse parola senha "
	"secret secreto geheim secure security login logon signin welcome willkommen bienvenue "
	"bienvenido letmein enter changeme change default temporary temp test testing tester guest "
	"user username admin administrator root super superuser master system server computer "
	"internet google facebook apple iphone android samsung microsoft windows linux amazon "
	"twitter instagram youtube netflix database oracle access account private hello hallo "
	"hola bonjour trustno iforgot forgot nothing something whatever blink dont know "
	/* what we are */
	"maitred maitre waitlist waiting guestlist restaurant bistro brasserie cafe coffee kitchen "
	"dining dinner lunch breakfast table tables ready reservation reservations booking host "
	"hostess server waiter waitress manager owner chef cook staff team bartender clinic doctor "
	"dentist patient salon barber shop store retail front desk frontdesk reception office "
	"company business work demo sample example twilio telnyx message messages gateway "
	/* the calendar */
	"january february march april june july august september october november december "
	"spring summer autumn winter fall sommer monday tuesday wednesday thursday friday saturday "
	"sunday holiday christmas easter halloween thanksgiving birthday newyear today tomorrow "
	"morning night weekend "
	/* sport */
	"football baseball basketball soccer hockey softball tennis golf golfer rugby cricket "
	"racing lakers cowboys yankees steelers eagles broncos packers raiders patriots dodgers "
	"redsox celtics bulls giants rangers arsenal chelsea liverpool barcelona madrid juventus "
	"manchester united everton celtic bayern jordan ferrari porsche mercedes mustang corvette "
	"camaro toyota honda yamaha harley ducati "
	/* names */
	"michael jennifer jessica ashley daniel charlie thomas robert william matthew joshua "
	"andrew anthony joseph richard steven nicholas jonathan christopher alexander benjamin "
	"samantha amanda nicole michelle melissa stephanie elizabeth heather danielle rebecca "
	"rachel hannah sophie sophia olivia emma isabella charlotte amelia victoria natalie "
	"maria carlos jose juan pedro miguel antonio francisco alejandro diego fernando "
	"george harry jack james john david peter paul mark kevin brian jason justin brandon tyler "
	"austin dakota taylor morgan hunter maggie bailey buster buddy ginger pepper cookie "
	"oliver oscar felix simon martin patrick dennis donald trump obama biden "
	"anna laura sarah julia andrea sandra claudia barbara angela patricia susan linda karen "
	"lisa nancy betty helen mohammed ahmed fatima ali omar ivan natasha sasha "
	/* animals, colours, places, things */
	"dragon monkey tiger lion panther bear wolf eagle falcon phoenix dolphin shark cobra "
	"butterfly kitty kitten puppy doggie horse chicken rabbit turtle elephant unicorn snoopy "
	"purple orange yellow green blue black white silver golden diamond crystal scarlet rainbow "
	"london paris berlin newyork chicago boston dallas houston denver phoenix miami texas "
	"florida california america american canada mexico brasil england france germany italia "
	"espana india china japan australia banana cheese chocolate pizza burger sushi cupcake "
	"peanut butter apple cherry strawberry peaches pumpkin potato tomato bacon sunshine flower "
	"flowers rose lily daisy jasmine sunflower star stars moon ocean river mountain thunder "
	"lightning storm fire snow water earth angel devil heaven money dollar cash lucky "
	/* people and feelings */
	"iloveyou love lover loveme lovely loveyou teamo tequiero jetaime princess princesa queen "
	"king prince baby babygirl babyboy sweetie honey sugar darling beautiful bonita pretty "
	"happy smile freedom peace family mother father mommy daddy mama papa brother sister "
	"friend friends forever always amigos amor corazon estrella mylove "
	"jesus christ christian jesuschrist faith bless blessed blessing church godisgood grace "
	"fuckyou fuckoff fuck asshole bitch shit pussy sexy biteme "
	/* heroes and games */
	"superman batman spiderman ironman wonderwoman starwars skywalker yoda vader startrek "
	"pokemon pikachu naruto minecraft fortnite roblox zelda mario nintendo playstation "
	"warcraft matrix merlin gandalf frodo harrypotter hogwarts hermione disney mickey minnie "
	"simpson homer killer warrior ninja samurai soldier captain pirate player gamer hacker "
	"legend hero rockstar metallica slipknot eminem beatles nirvana guitar music dance singer "
	"cowboy cowgirl blahblah abracadabra "
	/* keys that are no row of ours */
	"asdf qwer zxcv qaz wsx edc rfv qwe asd zxc abc xxx";

/* Neighbouring keys, on American, German and French keyboards; the alphabet; the digits. */
const char password_rows[] =
	"abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm "
	"azertyuiop qsdfghjklm wxcvbn !@#$%^&*() qazwsxedcrfvtgbyhnujm 1qaz2wsx3edc4rfv5tgb6yhn "
	"1q2w3e4r5t6y7u8i9o0p a1b2c3d4e5f6g7h8 q1w2e3r4t5y6u7i8o9p0 2468 13579 147258369 987654321";
