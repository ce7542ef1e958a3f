"""Names that sound French and belong to no place; each says that it is fictitious."""

from __future__ import annotations

_DISTRICTS = (
    "Les Tilleuls", "La Grange-Bleue", "Les Hauts-du-Lac", "Bellefontaine-Est", "Le Clos-Vermeil", "Les Trois-Noyers", "La Sablonnade",
    "Le Champ-des-Lices", "Les Merisiers-Blancs", "La Croix-d'Osier", "Le Val-Tournant", "Les Ormes-Gris", "La Butte-aux-Merles",
    "Le Pré-Carillon", "Les Glycines-Nord", "La Plaine-d'Ardoise", "Le Bois-Chandelle", "Les Quatre-Lavoirs", "La Fontaine-Rousse",
    "Le Moulin-d'Étain", "Les Amandiers-Hauts", "La Cité-Boréale", "Le Grand-Verger-d'Ambre", "Les Coteaux-Pâles", "La Maison-Haute-des-Joncs",
    "Le Parc-aux-Cerises", "Les Rives-Tranquilles", "La Combe-Argentée", "Le Plateau-des-Brumes", "Les Jardins-Suspendus", "La Motte-Claire",
)  # fmt: skip
_HEADS = (
    "Valbrune", "Montaurel", "Clairvesse", "Saint-Aubrin", "Rochefeuil", "Beaumarny", "Villargent", "Sainte-Orlaine", "Pontalvert",
    "Grandrivel", "Lormesnil", "Champvoisy-le-Neuf", "Fontalbe", "Bressolane", "Castelmirot", "Hautevorge", "Neuvarelle", "Marsignac-le-Faux",
    "Orvaucourt", "Trémillac-le-Rêvé", "Vauxperdu", "Aubeterne", "Courvaloux",
)  # fmt: skip
_TAILS = (
    "sur-Lisse", "en-Brumaie", "les-Ormeaux", "sur-Vérelle", "le-Château", "en-Sauvois", "sous-Bois", "les-Deux-Tours", "sur-Aurence",
    "la-Vallée", "en-Plaine", "le-Pont", "sur-Mirande", "les-Forges",
)  # fmt: skip
_LANDS = (
    "Lisse", "Brumaie", "Vérelle", "Haute-Vérelle", "Sauvoise", "Aurence", "Mirande-et-Lisse", "Basse-Brumaie", "Ardoisière", "Grande-Combe-d'Or",
)  # fmt: skip


def district_name(serial: int, commune: str) -> str:
    """Return the name of the n-th district of the country: « Les Tilleuls, Valbrune-sur-Lisse (fictif) »."""
    return f"{_DISTRICTS[serial % len(_DISTRICTS)]}, {commune} (fictif)"


def place_name(serial: int) -> str:
    """Return the bare name of the n-th town; names come again after 322 towns, as they do in any country."""
    return f"{_HEADS[serial % len(_HEADS)]}-{_TAILS[serial % len(_TAILS)]}"


def commune_name(serial: int) -> str:
    """Return the name of the n-th commune."""
    return f"{place_name(serial)} (commune fictive)"


def epci_name(first_commune: int) -> str:
    """Return the name of the EPCI whose first commune is given."""
    return f"Agglomération de {place_name(first_commune)} (EPCI fictif)"


def department_name(serial: int) -> str:
    """Return the name of the n-th department; a number follows once the names are used up."""
    turn, index = divmod(serial, len(_LANDS))
    number = f" {turn + 1}" if turn else ""
    return f"{_LANDS[index]}{number} (département fictif)"
