package pii

import "strings"

// The lists tell the tagger what a word may be, in lower case. They hold no more than what is common knowledge.
var (
	listPlaces = set(`afghanistan albania algeria andorra angola argentina armenia australia austria azerbaijan bahamas bahrain bangladesh barbados belarus belgium
		belize benin bhutan bolivia bosnia botswana brazil brunei bulgaria burundi cambodia cameroon canada chad chile china colombia comoros congo croatia cuba cyprus
		czechia denmark djibouti dominica ecuador egypt eritrea estonia ethiopia fiji finland france gabon gambia georgia germany ghana greece grenada guatemala guinea
		guyana haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan kenya kiribati korea kuwait kyrgyzstan laos
		latvia lebanon lesotho liberia libya liechtenstein lithuania luxembourg madagascar malawi malaysia maldives mali malta mauritania mauritius mexico moldova monaco
		mongolia montenegro morocco mozambique myanmar namibia nauru nepal netherlands nicaragua niger nigeria norway oman pakistan palau panama paraguay peru philippines
		poland portugal qatar romania russia rwanda samoa senegal serbia seychelles singapore slovakia slovenia somalia spain sudan suriname swaziland sweden switzerland
		syria taiwan tajikistan tanzania thailand togo tonga tunisia turkey turkmenistan tuvalu uganda ukraine uruguay uzbekistan vanuatu venezuela vietnam yemen zambia
		zimbabwe england scotland wales america usa uk europe africa asia london paris berlin madrid rome vienna moscow tokyo beijing delhi mumbai sydney melbourne toronto
		vancouver montreal chicago boston seattle dallas houston miami denver atlanta philadelphia portland california texas florida virginia ohio michigan arizona
		nevada oregon washington colorado utah illinois york jersey angeles francisco diego jose oakland berkeley zurich geneva munich hamburg frankfurt copenhagen
		stockholm oslo helsinki lisbon dublin brussels amsterdam prague warsaw budapest athens istanbul dubai cairo lagos nairobi`)
	listGroups = set(`american british english french german spanish italian portuguese dutch belgian swiss austrian polish czech slovak hungarian romanian bulgarian
		greek turkish russian ukrainian chinese japanese korean vietnamese thai indian pakistani indonesian malaysian filipino australian canadian mexican brazilian
		argentinian chilean peruvian colombian cuban jamaican egyptian moroccan nigerian kenyan ethiopian african asian european arab arabic persian iranian iraqi
		israeli jewish muslim christian catholic hindu buddhist scottish irish welsh swedish norwegian danish finnish icelandic estonian latvian lithuanian croatian
		serbian bosnian albanian chechen cambodian belizian bruneian democrat republican`)
	listNames = set(`james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald steven paul andrew joshua kenneth
		kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel frank gregory
		raymond alexander patrick jack dennis jerry tyler aaron jose adam henry nathan douglas peter kyle mary patricia jennifer linda elizabeth barbara susan jessica
		sarah karen nancy lisa margaret betty sandra ashley dorothy kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura sharon cynthia
		kathleen amy shirley angela helen anna brenda pamela nicole samantha katherine emma ruth christine catherine debra rachel carolyn janet virginia maria heather
		diane julie joyce victoria kelly christina joan evelyn lauren judith olivia martha cheryl megan andrea hannah jacqueline ann jean alice kathryn gloria teresa
		sara janice marie julia grace judy theresa beverly denise marilyn amber danielle brittany diana abigail jane lori smith johnson williams brown jones garcia
		miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis
		robinson walker young allen king wright torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts`)
	listStreets = set(`street st road rd avenue ave boulevard blvd lane ln drive dr court ct place pl square sq terrace way parkway pkwy highway hwy circle cir plaza alley
		crescent close row suite ste apt apartment unit floor room box building bldg straße strasse str weg platz allee gasse rue via calle rua ulica gata vej katu tie
		vägen gatan utca po pobox psc apo fpo dpo expressway expy loop trail pike mall broadway`)
	listTitles = set(`mr mrs ms miss dr prof professor sir madam mx rev herr frau monsieur madame señor señora`)
	listOrgs   = set(`inc inc. corp corporation llc ltd ltd. limited gmbh ag plc co company group bank university hospital institute association orchestra college school
		technologies solutions services systems holdings partners capital insurance airlines press agency`)
	listDates = set(`january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday
		wednesday thursday friday saturday sunday`)
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
