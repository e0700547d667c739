#include "core/secrets/common_passwords.hpp"

#include <algorithm>
#include <array>

namespace fl::secrets {
namespace {

/// Sorted by bytes. Short words stand here too: "dragon2024" is no better than "dragon".
constexpr std::array<std::string_view, 655> kCommon = {
    // clang-format off
    "00000000", "0987654321", "102030", "10203040", "11111111", "11223344", "12121212", "123123123",
    "123321", "12341234", "12344321", "12345", "123456", "1234567", "12345678", "123456789",
    "1234567890", "12345678a", "123456a", "123456aa", "1234qwer", "123654789", "123abc",
    "123abcdef", "123qwe", "123qweasd", "147258369", "147852369", "159357", "1a2b3c4d", "1q2w3e",
    "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "1qazxsw2", "20202020", "22222222", "33333333",
    "44444444", "55555555", "66666666", "741852963", "77777777", "789456123", "87654321",
    "88888888", "987654321", "99999999", "a123456", "a12345678", "a1b2c3d4", "aa123456", "abc123",
    "abc12345", "abcd1234", "access", "acdc", "acmilan", "admin", "admin123", "administrator",
    "africa", "ajax", "alejandro", "alexander", "alexandra", "alexandre", "amanda", "america",
    "amsterdam", "andrew", "android", "angel", "angels", "anthony", "antonio", "anything", "apple",
    "apples", "april", "argentina", "arizona", "arsenal", "asd123", "asdf", "asdf1234", "asdfasdf",
    "asdfgh", "asdfghjk", "asdfghjkl", "ashley", "audi", "august", "australia", "autumn",
    "avengers", "azerty", "baby", "babyboy", "babygirl", "banana", "bandit", "bangladesh", "barbie",
    "barcelona", "bart", "baseball", "basketball", "batman", "bayern", "bear", "beatles",
    "beautiful", "benfica", "benjamin", "berlin", "black", "blessed", "blessing", "blink182",
    "blizzard", "blue", "bmw", "boston", "boxing", "brandon", "brasil", "broncos", "brother",
    "buffalo", "bulldogs", "bulls", "bunny", "burger", "buster", "butter", "butterfly",
    "california", "camaro", "canada", "candy", "captain", "carlos", "caroline", "celtic", "celtics",
    "change", "changeit", "changeme", "charles", "charlie", "charlotte", "charming", "cheese",
    "chelsea", "cherry", "chevrolet", "chevy", "chicago", "chicken", "children", "china",
    "chocolate", "christ", "christian", "christina", "christine", "christopher", "cobra", "coconut",
    "coffee", "colombia", "colorado", "computer", "computer1", "content", "contrasena", "cookie",
    "cookies", "corvette", "cowboy", "cowboys", "creative", "creator", "cricket", "crystal",
    "cutie", "cutiepie", "daddy", "dallas", "dancer", "dancing", "daniel", "danielle", "darthvader",
    "december", "default", "demon", "deutschland", "devil", "diamond", "diamonds", "dodgers",
    "dolphin", "dolphins", "dominik", "donald", "dragon", "dragonball", "drummer", "dublin",
    "ducati", "dumbledore", "eagle", "eagles", "eduardo", "elephant", "elizabeth", "emily",
    "eminem", "england", "espana", "everton", "everything", "facebook", "faith", "falcon",
    "familia", "family", "fanledger", "father", "february", "fernando", "ferrari", "fishing",
    "florida", "flower", "flowers", "football", "forever", "foreverlove", "fortnite", "france",
    "francesco", "freedom", "friday", "friend", "friends", "frodo", "gabriel", "gabriela",
    "gandalf", "garfield", "george", "germany", "ghana", "ghost", "giants", "ginger", "giuseppe",
    "godisgood", "goku", "golden", "golf", "golfer", "goodbye", "goodluck", "google", "gorgeous",
    "green", "greenday", "guest", "guitar", "hacker", "hackme", "hammer", "hannah", "happiness",
    "happy", "harley", "harrypotter", "haslo", "hawk", "heaven", "hello", "hellokitty",
    "helloworld", "heslo", "hobbit", "hockey", "hogwarts", "homer", "honda", "honey", "hope",
    "horse", "houston", "hulk", "hunter", "hunting", "ilovegod", "iloveme", "iloveu", "iloveyou",
    "iloveyou1", "india", "indonesia", "instagram", "inter", "internet", "iphone", "ireland",
    "ironman", "isabella", "italia", "jaguar", "january", "japan", "jennifer", "jessica", "jesus",
    "jesuschrist", "jesusis1", "johannes", "joker", "jonathan", "jordan", "joshua", "july", "june",
    "justice", "justin", "juventus", "katherine", "kennwort", "kenya", "killer", "king", "kitten",
    "kitty", "korea", "lakers", "lamborghini", "legolas", "leopard", "letmein", "letmein1",
    "liberty", "lightning", "linkedin", "lion", "liverpool", "lkjhgfdsa", "login", "london", "love",
    "lovelove", "lovely", "loveme", "lovers", "loveyou", "lucifer", "lucky", "luckydog", "madrid",
    "magic", "manchester", "mango", "manutd", "march", "marcus", "mario", "martin", "martina",
    "marvel", "master", "matrix", "matthew", "maverick", "maximilian", "melissa", "mercedes",
    "merlin", "metallica", "mexico", "michael", "michelle", "mickey", "mickeymouse", "microsoft",
    "midnight", "milan", "minecraft", "minnie", "mnbvcxz", "mommy", "monday", "monkey", "morgan",
    "motdepasse", "mother", "music", "musica", "mustang", "mylove", "mypassword", "mysecret",
    "mystery", "naruto", "natalie", "natasha", "newyork", "nicholas", "nicole", "nigeria", "ninja",
    "nintendo", "nirvana", "nobody", "nokia", "nothing", "november", "october", "oliver", "olivia",
    "onlyfans", "orange", "packers", "pakistan", "panda", "panther", "paris", "parola", "pass",
    "pass1234", "passpass", "passw0rd", "passwd", "password", "password1", "passwort", "patrick",
    "patriots", "peace", "peanut", "penguin", "pepper", "philippines", "phoenix", "photos",
    "pianist", "pikachu", "pineapple", "pink", "pirate", "pizza", "platinum", "playstation",
    "poiuytrewq", "pokemon", "polska", "pony", "popcorn", "porsche", "portugal", "premium",
    "pretty", "prince", "princess", "private", "pumpkin", "puppy", "purple", "q1w2e3r4",
    "q1w2e3r4t5", "qaz123", "qazwsx", "qazwsxedc", "queen", "qwe123", "qwer", "qwer1234",
    "qwerasdf", "qwerqwer", "qwerty", "qwerty12", "qwerty123", "qwertyui", "qwertyuiop", "qwertz",
    "rabbit", "rachel", "racing", "raiders", "rainbow", "ranger", "rangers", "realmadrid",
    "rebecca", "red", "redsox", "richard", "robert", "roberto", "roblox", "rocket", "rocketman",
    "rockstar", "rome", "root", "root1234", "rugby", "russia", "samantha", "samsung", "samurai",
    "sasuke", "saturday", "scooter", "scorpion", "scotland", "sebastian", "secret", "senha",
    "september", "server", "shadow", "shark", "sifre", "silver", "simpsons", "singer", "sister",
    "skateboard", "skating", "skippy", "skywalker", "slipknot", "smile", "smiley", "smokey",
    "snake", "snapchat", "snoopy", "snowball", "snowman", "soccer", "soldier", "somebody",
    "something", "sonic", "sony", "sophie", "spartans", "spider", "spiderman", "spring", "startrek",
    "starwars", "steelers", "stephanie", "stephen", "steven", "storm", "strawberry", "subaru",
    "sugar", "summer", "sunday", "sunflower", "sunshine", "superman", "supersecret", "surfing",
    "suzuki", "sweet", "sweetheart", "sweetie", "sweety", "swimming", "system", "taylor",
    "telegram", "temp", "temporary", "temppass", "tennis", "test1234", "texas", "thankyou",
    "thomas", "thunder", "thursday", "tiger", "tiktok", "tinkerbell", "tokyo", "toor", "topsecret",
    "tottenham", "toyota", "trigger", "truelove", "trustno1", "tuesday", "turtle", "twitter",
    "user", "user1234", "username", "valentina", "vampire", "vanilla", "veronica", "victoria",
    "video", "videos", "vikings", "viper", "voldemort", "volkswagen", "volleyball", "volvo",
    "wachtwoord", "warrior", "warriors", "wednesday", "welcome", "whatever", "whatsapp", "white",
    "wildcats", "william", "windows", "winter", "wizard", "wolf", "wolverine", "wolves", "xbox",
    "yamaha", "yankees", "yellow", "yoda", "youtube", "zaq12wsx", "zaq1xsw2", "zaqwsx", "zaqxsw",
    "zelda", "zombie", "zxc123", "zxcv1234", "zxcvbn", "zxcvbnm",
    // clang-format on
};
static_assert(std::is_sorted(kCommon.begin(), kCommon.end()));

}  // namespace

bool in_common_passwords(std::string_view lower_case) {
  return std::binary_search(kCommon.begin(), kCommon.end(), lower_case);
}

}  // namespace fl::secrets
