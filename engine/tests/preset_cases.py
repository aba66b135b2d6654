"""What official pages, calculators and other published examples say of the presets: rates, worked cases and fixed sums.

Plain data, for the engine's tests and for those of the shipped records. Presets go by their name in
``data/collection_charge_rule_data.xml``; days are in ISO, amounts and rates as they were published.
"""
from typing import NamedTuple

ENTERPRISE_IE = "Department of Enterprise, Ireland: late payment interest rate since 16 March 2013, enterprise.gov.ie/en/What-We-Do/Supports-for-SMEs/Late-Payments/Late-Payment-Interest-Rate-"
F8 = "no published example could be read: figures computed by hand from the law (F-8 of the requirements)"

ECB_PLUS_8 = (
    "2013-03-16 8.75", "2013-07-01 8.50", "2014-01-01 8.25", "2014-07-01 8.15", "2015-01-01 8.05", "2015-07-01 8.05", "2016-01-01 8.05",
    "2016-07-01 8.00", "2017-01-01 8.00", "2017-07-01 8.00", "2018-01-01 8.00", "2018-07-01 8.00", "2019-01-01 8.00", "2019-07-01 8.00",
    "2020-01-01 8.00", "2020-07-01 8.00", "2021-01-01 8.00", "2021-07-01 8.00", "2022-01-01 8.00", "2022-07-01 8.00", "2023-01-01 10.50",
    "2023-07-01 12.00", "2024-01-01 12.50", "2024-07-01 12.25")
# The base rate was 0.25 from August 2016 on, 0.50 from November 2017 on: what counts is the last day before the half-year.
BOE_PLUS_8 = (
    "2014-01-01 8.50", "2014-07-01 8.50", "2015-01-01 8.50", "2015-07-01 8.50", "2016-01-01 8.50", "2016-07-01 8.50", "2017-01-01 8.25",
    "2017-07-01 8.25", "2018-01-01 8.50", "2018-07-01 8.50", "2019-01-01 8.75", "2019-07-01 8.75", "2020-01-01 8.75", "2020-07-01 8.10",
    "2021-01-01 8.10", "2021-07-01 8.10", "2022-01-01 8.25", "2022-07-01 9.25", "2023-01-01 11.50", "2023-07-01 13.00", "2024-01-01 13.25")


class Rates(NamedTuple):
    """The rates a year that a source publishes for a preset: "day percent"."""

    preset: str
    source: str
    values: tuple[str, ...]


class Case(NamedTuple):
    """An item paid late, in one payment: the interest on it, exact and rounded once, and the fixed sum.

    ``percent``: the example's own rate or margin instead of the preset's; ``reference``: its reference rate where it is older
    than those shipped, or none that the preset looks up. ``published``: how the source's own figure came about where it differs.
    """

    preset: str
    source: str
    amount: str
    due: str
    paid: str
    interest: str
    fixed: str = "0"
    percent: str | None = None
    reference: str | None = None
    published: str | None = None


class Sum(NamedTuple):
    """The fixed sum for an invoice of an amount."""

    preset: str
    source: str
    amount: str
    fixed: str


RATES = (
    Rates("eu", ENTERPRISE_IE + " (the directive's rule, rounded nowhere)", ECB_PLUS_8),
    Rates("ie", ENTERPRISE_IE, ECB_PLUS_8),
    Rates("ie", "taylorryan.ie, late payments in Ireland", ("2026-01-01 10.15", "2026-06-30 10.15")),
    Rates("de_business", "Notary Heinig, table of default interest rates, notar-heinig.de", (
        "2016-07-01 8.12", "2019-01-01 8.12", "2022-07-01 8.12", "2022-12-31 8.12", "2023-01-01 10.62")),
    Rates("de_consumer", "Notary Heinig, table of default interest rates, notar-heinig.de", (
        "2016-07-01 4.12", "2019-01-01 4.12", "2022-07-01 4.12", "2022-12-31 4.12", "2023-01-01 6.62")),
    Rates("de_business", "IHK Kassel-Marburg on the base rate of 2024 (3.62)", ("2024-01-01 12.62", "2024-06-30 12.62")),
    Rates("de_consumer", "IHK Kassel-Marburg on the base rate of 2024 (3.62)", ("2024-01-01 8.62", "2024-06-30 8.62")),
    Rates("fr", "Lexing, pénalités de retard (first half of 2014), lexing.law", ("2014-01-01 10.25", "2014-06-30 10.25")),
    Rates("fr", "etrepaye.fr, 4 January 2016", ("2016-01-04 10.05",)),
    Rates("fr", "Bpifrance Création, taux des pénalités de retard, bpifrance-creation.fr/boiteaoutils/taux-penalites-retard", ("2024-07-01 14.25", "2024-12-31 14.25")),
    Rates("fr_contract", "CAPEB Ariège, taux de l'intérêt légal, second half of 2023", ("2023-07-01 12.66", "2023-12-31 12.66")),
    Rates("fr_contract", "Bpifrance Création, as above (not the 14.25 of the law, which has no floor)", ("2024-07-01 14.76", "2024-12-31 14.76")),
    Rates("fr_contract", "Légifiscal, taux d'intérêt légal du 1er semestre 2026", ("2025-07-01 8.28", "2026-01-01 7.86")),
    Rates("be_business", "Halfyearly notices in the Belgian Official Gazette, as given by Certifisc, Aquo, Exago, avocation.be and Medenam", (
        "2015-07-01 8.5", "2018-07-01 8.0", "2019-07-01 8.0", "2021-01-01 8.0", "2023-01-01 10.5", "2023-07-01 12.0", "2024-01-01 12.5")),
    Rates("be_business", "LateCalc, table of 2025, latecalc.com", ("2025-01-01 11.5", "2025-07-01 10.5")),
    Rates("it", "Ministry of Economy, G.U. no. 63 of 17 March 2025, as given by calcolofatturaavvocato.com", ("2025-01-01 11.15", "2025-06-30 11.15")),
    Rates("it", "calcolatorifiscali.it, tasso di mora of 2025 and 2026", ("2025-07-01 10.15", "2026-01-01 10.15")),
    Rates("es", "Government of La Rioja, tipo legal de interés de demora", ("2013-02-24 8.75", "2013-06-30 8.75")),
    Rates("es", "RedClaimer, tipos legales de demora (BOE)", (
        "2021-01-01 8.00", "2022-07-01 8.00", "2023-01-01 10.50", "2023-07-01 12.00", "2024-01-01 12.50")),
    Rates("es", "Resolution of 30 December 2024 (BOE), as given by orientelegal.es", ("2025-01-01 11.15", "2025-06-30 11.15")),
    Rates("es", "invoo.es, rate of the first half of 2026 (BOE)", ("2026-01-01 10.15",)),
    Rates("nl", "Aartsen & Somers, wettelijke handelsrente", ("2015-01-01 8.05",)),
    Rates("nl", "Kerckhoffs Advocaten, wettelijke handelsrente since 1 July 2023", ("2023-07-01 12.00",)),
    Rates("nl", "Koninklijke Metaalunie, wettelijke rente per 1 juli 2024", ("2024-07-01 12.25",)),
    Rates("uk", "Pay On Time, reference rate table, payontime.co.uk/how-to-calculate-late-payment-interest-and-compensation", BOE_PLUS_8),
    Rates("uk", "paymentcheck.co.uk and others: 8 % + 3.75 % in the first half of 2026", ("2026-01-01 11.75", "2026-06-06 11.75")),
)

CASES = (
    Case("eu", "Fiscavo, late-payment interest in the EU and the UK, fiscavo.com/blog/late-payment-interest-eu-uk",
         "4500", "2023-02-20", "2023-03-22", "40.68", "40", reference="3"),
    Case("eu", F8, "10000", "2024-05-15", "2024-09-30", "466.30", "40"),
    Case("de_business", F8, "10000", "2024-03-31", "2024-06-30", "314.64", "40"),
    Case("de_consumer", "anleiter.de, wie berechnet man Verzugszinsen (base rate 0.12: 2010 to 2012)",
         "1000", "2012-01-31", "2012-02-25", "3.51", reference="0.12"),
    Case("de_consumer", F8, "10000", "2024-03-31", "2024-06-30", "214.91"),
    Case("fr", "Heropay, comment facturer des pénalités, heropay.eu/blog/comment-facturer-penalites", "1000", "2024-02-01", "2024-03-02", "11.92", "40"),
    Case("fr", "Lexing, pénalités de retard (2014), lexing.law", "10000", "2013-12-31", "2014-03-31", "252.74", "40",
         published="256: a quarter of 10.25 %, not 90 days / 365"),
    Case("fr_contract", "AgenceiPro, zoom sur les pénalités de retard (15 % agreed)", "15000", "2024-09-30", "2024-10-30", "184.93", "40", percent="15"),
    Case("fr_contract", F8 + "; 14.76 % as published", "10000", "2024-06-30", "2024-09-30", "372.03", "40"),
    Case("be_business", F8 + "; 12.5 % as published", "10000", "2024-06-30", "2024-09-30", "315.07", "40"),
    Case("be_consumer", F8 + "; 12.25 %, not rounded up", "1000", "2024-06-30", "2024-09-30", "30.88", "90"),
    Case("ie", F8 + "; 12.5 % of the day it became overdue", "10000", "2024-05-15", "2024-09-30", "472.60", "70"),
    Case("ie", "gov.ie, rights and obligations including late payment interest: 8.00 %, 0.022 % a day", "10000", "2022-01-31", "2022-03-02", "65.75", "70",
         published="66.00 by the daily rate as it is rounded there"),
    Case("it", "Knowunity, economia: il calcolo dell'interesse (8,200 €, 22 days, 8.05 %)", "8200", "2015-03-10", "2015-04-01", "39.79", "40"),
    Case("es", "Covline, calcular intereses de demora (5 % agreed), covline.es/calcular-intereses-demora", "2300", "2017-10-06", "2017-11-05", "9.45", "40",
         percent="5", reference="0"),
    Case("es", F8, "10000", "2024-05-15", "2024-09-30", "466.30", "40"),
    Case("nl", "Go Figure, wettelijke rente, go-figure.nl/tag/rente (8 %, 11 days)", "1000", "2018-03-01", "2018-03-12", "2.41", "40"),
    Case("uk", "GOV.UK, late commercial payments: charging interest (as quoted by statutory-interest.pages.dev: £85 a year, 23p a day)",
         "1000", "2018-02-01", "2018-03-23", "11.64", "70", published="£11.50 for 50 days at 23p, rounded by the day"),
    Case("uk", "Daniels Silverman, statutory interest calculator (base rate 4 %, 30 days), danielssilverman.co.uk/interest.php",
         "1000", "2018-02-01", "2018-03-03", "9.86", "70", reference="4"),
    Case("uk", "Toolfy, statutory interest calculator (5.25 %, 45 days)", "2000", "2024-02-10", "2024-03-26", "32.67", "70",
         published="£32.66 with 45 / 365 cut to 0.1233"),
    Case("uk", "Paidnice, statutory interest in the UK (4.25 %, 101 days), support.paidnice.com", "5000", "2025-07-10", "2025-10-19", "169.49", "70",
         published="£169.68: £1.68 a day, rounded by the day"),
    Case("uk", "Gera, late payment interest calculator (5 %, 90 days), tools.gera.services", "12000", "2023-07-31", "2023-10-29", "384.66", "100",
         published="roughly £384, and £100"),
    Case("uk", F8, "8500", "2024-05-15", "2024-09-30", "425.82", "70"),
    Case("uk", "Pay On Time: the rate of the half-year in which the debt became late, 13.25 %, also when the next one has 12.75 %; by hand",
         "10000", "2024-11-15", "2025-02-15", "333.97", "100"),
    Case("monthly", "answerspace.ai, finance charge on an unpaid balance at 1.5 % a month (29.991)", "1999.40", "2025-01-31", "2025-02-28", "29.99"),
    Case("monthly", "smartsolve.ai, table of finance charges at 1.5 %, September", "665.49", "2025-08-31", "2025-09-30", "9.98"),
    Case("monthly", "smartsolve.ai, table of finance charges at 1.5 %, October", "527.25", "2025-09-30", "2025-10-31", "7.91"),
    Case("monthly", "calculator.city, 1.5 % a month: principal × rate × full months, simple", "10000", "2025-01-31", "2025-09-30", "1200.00"),
    Case("monthly", "the same: the second month was not full", "10000", "2025-01-31", "2025-03-20", "150.00"),
)

# None of the rates ever changed on 1 January or 1 July: an invented one, 2.15 before and 1.15 on 1 July 2025, shows which law looks where.
TURN = (("2025-06-11", "2.15"), ("2025-07-01", "1.15"))
TURNED = {"eu": "9.15", "it": "9.15", "ie": "9.15", "be_business": "9.5", "be_consumer": "9.15", "fr": "11.15", "de_business": "10.15", "de_consumer": "6.15",
          "es": "10.15", "nl": "10.15", "uk": "10.15"}

SUMS = (
    *(Sum("ie", "Department of Enterprise, Ireland: compensation for recovery costs (Schedule of S.I. 580/2012)", amount, fixed)
      for amount, fixed in (("1000", "40"), ("1000.01", "70"), ("10000", "70"), ("10000.01", "100"))),
    *(Sum("uk", "Pay On Time, late payment legislation (table)", amount, fixed)
      for amount, fixed in (("999.99", "40"), ("1000", "70"), ("9999.99", "70"), ("10000", "100"))),
    *(Sum("be_consumer", "Trends, 23 August 2023: 20 € on 150 €, 90 € at most on 1,000 €", amount, fixed)
      for amount, fixed in (("150", "20"), ("1000", "90"))),
    *(Sum("be_consumer", "Farys, schadebeding, farys.be: 30 € + 10 % from 150.01 to 500, 65 € + 5 % above 500, at most 2,000 €", amount, fixed)
      for amount, fixed in (("150.01", "30"), ("500", "65"), ("500.01", "65"), ("60000", "2000"))),
    *(Sum(preset, "Directive 2011/7/EU, art. 6; C-585/20: for each invoice", "1", "40")
      for preset in ("eu", "de_business", "fr", "fr_contract", "be_business", "it", "es", "nl")),
    *(Sum(preset, "§ 288 (5) BGB: not from a consumer; a contract's own rate has none", "8500", "0") for preset in ("de_consumer", "monthly")),
)
