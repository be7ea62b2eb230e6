"""The companies made by rule: invented names by sector, and facts that follow from a company's place in the list.

Belongs here: names, and sizes over two orders of magnitude. Does not: what happened to a company (``changes``), prices.
None of these companies exists.
"""

from __future__ import annotations

from datetime import date

from ingestion.sample.world.company import Company

NAMES = {
    "Information Technology": """CBLX Cobaltex Systems;DYNQ Dynaquill Software;EMBX Emberlex;FLXR Flexorin Circuits;GLYQ
        Glyphora;HEXQ Hexaquoll Data;INLX Inlumex Optics;JNCQ Junctiva Networks;LMNQ Luminquay;MOQS Moquisse Security;
        OPQL Opaloquill;RTZQ Retizana Chips;SYZG Syzygal Cloud;TZRQ Tazariq Devices;ZENQ Zenquora""",
    "Financials": """AQVB Aquavale Bank;BRZQ Brizquell Capital;CNZA Conzara Insurance;DVQX Davenquist Exchange;ELZB
        Elzabeth Trust;FNQR Fenquarry Lending;GRZB Grazebrook Bancorp;HQLT Haqualt Life;KZMB Kazimbank;MRQZ Marquezza
        Cards;NQVT Norquavit Brokers;STQB Sturquil Savings;WXLB Waxelby Reinsurance""",
    "Health Care": """ABQX Abiquex Biologics;BZLM Bezelmed;CRQX Corquinex;DRZM Derzamed Devices;ENZQ Enzaquil;GNQX
        Genaquix;HLZQ Helzaquin Hospitals;JVQM Juvaquim;NVZQ Novazequin;ORQT Orquitas Dental;TZPH Tarzaphane""",
    "Energy": """BQOL Baquoil;CZDR Cazadero Drilling;FZRG Fuzerange Gas;GQSR Geoquasar Seismic;KLQR Kelquarry Coal;NXPT
        Norexport Tankers;OZRX Ozarex Petroleum;RFQX Refinaquex;WLQX Wellaquex""",
    "Industrials": """AXQL Axiquell Bearings;BLZT Blazetoft Tools;CQRR Coquarry Cranes;DKZQ Dockazequay;ELQV Elquava
        Lifts;FZNR Fazenor Airlines;HVZQ Havazequi Engines;LQJT Liquijet Pumps;PZRK Pazrak Parcels;TQBR Turquoberg
        Defence;VZLT Vazolt Electric""",
    "Communication Services": """BZWV Buzzwavve;CQST Coquestra Media;FZTV Fazetiva;GQTL Gaquatel;MZKO Mezmeko Games;NZRA
        Nuzzera Radio;PQLS Paqualis Press;QLNK Quollink;TZCM Tazcommo;VXSC Voxascene;WZBN Wizzbourne;YQSO Yaquiso Social""",
    "Consumer Discretionary": """AZRT Azuretta Hotels;BQHM Boquehaven Homes;CZCK Cazcook;DQRV Duquerve Motors;FQSH
        Faquish Fashion;GZLR Gazellore Shoes;HQTM Haquatime;JZTY Jazzity Toys;LZRE Lazure Cruises;MQRT Marquerita
        Restaurants;RQWS Roquewise Stores;SZLO Sozzelo;TQLD Tuqualade;VQYG Voquayage""",
    "Consumer Staples": """BQRW Brewquarry;CZNT Cuzanta Foods;DQRY Daquary Dairy;FZHD Fazehold Goods;GQRC Groquerce;HZLN
        Hazeline Snacks;KQSP Kaqusoap;MZLL Mazillo Mills;NQTR Noquatra Beverages;PZTB Pazetobac;SQLT Saqualt;WZHT
        Wizheat""",
    "Materials": """AQGG Aquaggregate;BZLD Bazalide;CQPR Coquiper;DZYE Dazeye Pigments;FQRN Ferroquarn;GZLS Glazelus;KQLN
        Kaquolin;MZNC Muzinc;PQPR Paqupaper;RZNX Rezinex;SQLV Silquelver""",
    "Utilities": """AQPW Aquapower;CZGS Cazegas;DQGR Daquagrid;EZLT Ezalight;FQWT Fluquewater;HQDR Haquadro;LZLN Lazeline
        Light;MQPG Moquapower;NZGR Nazegrid;SQSN Solquasun;WQND Waquind""",
    "Real Estate": """BQTR Boquetowers;CZWR Cazeware Depots;DQMC Domaquice Medical;FZFC Fazeoffice;HQRN Harquorent;LZND
        Lazeland;MQLL Maquall;PZTH Pazeth Homes;SQST Soquestore;TZTW Tazetower""",
}
TRADES = {
    "Information Technology": ("Business software", "Chip design", "Network equipment", "Data storage", "Computers"),
    "Financials": ("Banking", "Insurance", "Asset management", "Payments", "Lending"),
    "Health Care": ("Medicines", "Surgical devices", "Laboratories", "Hospitals"),
    "Energy": ("Oil production", "Oil services", "Gas", "Refining"),
    "Industrials": ("Machinery", "Transport", "Electrical equipment", "Aerospace"),
    "Communication Services": ("Broadcasting", "Games", "Telephone networks", "Publishing"),
    "Consumer Discretionary": ("Hotels", "Home building", "Car making", "Apparel", "Restaurants"),
    "Consumer Staples": ("Food", "Beverages", "Household goods", "Tobacco"),
    "Materials": ("Chemicals", "Metals", "Paper", "Building materials"),
    "Utilities": ("Electric power", "Gas networks", "Water"),
    "Real Estate": ("Offices", "Homes for rent", "Depots", "Shopping centres"),
}
TOWNS = (
    "Albany, New York", "Bend, Oregon", "Casper, Wyoming", "Dayton, Ohio", "Erie, Pennsylvania", "Fargo, North Dakota",
    "Gary, Indiana", "Helena, Montana", "Ithaca, New York", "Joplin, Missouri", "Kenosha, Wisconsin", "Lowell, Massachusetts",
    "Mobile, Alabama", "Norfolk, Virginia", "Ogden, Utah", "Pueblo, Colorado", "Quincy, Illinois",
)  # fmt: skip
BETA = {  # usual answer to the market
    "Information Technology": 1.2, "Financials": 1.1, "Health Care": 0.8, "Energy": 1.05, "Industrials": 1.05,
    "Communication Services": 1.05, "Consumer Discretionary": 1.15, "Consumer Staples": 0.6, "Materials": 1.05,
    "Utilities": 0.5, "Real Estate": 0.8,
}  # fmt: skip
PAYS = {  # usual dividend yield
    "Information Technology": 0.008, "Financials": 0.026, "Health Care": 0.014, "Energy": 0.036, "Industrials": 0.017,
    "Communication Services": 0.012, "Consumer Discretionary": 0.011, "Consumer Staples": 0.026, "Materials": 0.02,
    "Utilities": 0.036, "Real Estate": 0.037,
}  # fmt: skip
SMALLEST, STEP, STRIDE = 900.0, 1.043, 37  # USD millions; each size is STEP times the one below; order of the sizes


def companies() -> tuple[Company, ...]:
    """Every company of ``NAMES``, none of them in the index yet."""
    named = [
        (sector, *" ".join(entry.split()).split(" ", 1)) for sector, text in NAMES.items() for entry in text.split(";")
    ]
    sizes = [SMALLEST]
    for _ in named[1:]:
        sizes.append(sizes[-1] * STEP)
    found = []
    for n, (sector, symbol, name) in enumerate(named):
        size = sizes[n * STRIDE % len(named)]
        price = float(24 + n * 29 % 131)
        small = 1.0 - n * STRIDE % len(named) / len(named)  # 1 the smallest, towards 0 the largest
        found.append(
            Company(
                symbol,
                name,
                sector,
                TRADES[sector][n % len(TRADES[sector])],
                TOWNS[n * 5 % len(TOWNS)],
                str(1880 + n * 41 % 120),
                9100001 + n,
                price,
                round(size / price, 1),
                round(BETA[sector] + 0.05 * (n * 7 % 7 - 3), 2),
                round(0.0095 + 0.006 * small + 0.0005 * (n * 11 % 5), 4),
                0.0 if n * 3 % 8 == 0 else round(PAYS[sector] * (0.7 + 0.1 * (n % 7)), 4),
                None,
                short_interest=round(0.008 + 0.05 * small * (n * 13 % 6) / 5 + (0.12 if n % 9 == 4 else 0.0), 4),
            )
        )
    return tuple(found)


JOINED_BEFORE = tuple(date(1994 + n * 3 % 19, 3 + n * 5 % 9, 1 + n * 7 % 27) for n in range(19))
