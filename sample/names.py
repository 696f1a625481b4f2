"""Believable names of associates."""

from __future__ import annotations

import numpy as np

GIVEN = (
    "Aarav", "Aditi", "Aditya", "Akash", "Alok", "Amit", "Amrita", "Ananya", "Anil", "Anjali", "Ankit", "Aparna", "Arjun",
    "Arun", "Asha", "Ayesha", "Bhavna", "Bikash", "Chandan", "Chitra", "Deepa", "Deepak", "Devika", "Dhruv", "Divya",
    "Esha", "Farhan", "Fatima", "Gaurav", "Gayatri", "Geeta", "Girish", "Gurpreet", "Harish", "Harpreet", "Hema", "Imran",
    "Indira", "Ishaan", "Jaspreet", "Jaya", "Jyoti", "Kabir", "Kalyani", "Karan", "Kavita", "Keerthi", "Kiran", "Kunal",
    "Lakshmi", "Lalita", "Madhav", "Mahesh", "Manish", "Meera", "Mohan", "Mohammed", "Mukesh", "Nandini", "Naveen", "Neha",
    "Nikhil", "Nisha", "Omkar", "Padma", "Parveen", "Pooja", "Pradeep", "Pranav", "Preeti", "Priya", "Rahul", "Rajesh",
    "Rakesh", "Ramya", "Ravi", "Rekha", "Ritika", "Rohan", "Rohit", "Rukmini", "Sachin", "Saira", "Sandeep", "Sanjay",
    "Sapna", "Sarita", "Shabana", "Shalini", "Shankar", "Shreya", "Sneha", "Sonal", "Srinivas", "Suman", "Sunil", "Sunita",
    "Suresh", "Swati", "Tanvi", "Tarun", "Uma", "Usha", "Vandana", "Varun", "Vidya", "Vijay", "Vikram", "Vinay", "Yash",
    "Yamini", "Zainab", "Zoya", "Tenzin", "Lalremruata", "Temsula", "Grace", "Thomas", "Joseph", "Mary", "Elena", "Marco",
    "Wei", "Aiko", "Olumide", "Chidinma", "Sofía", "Łukasz", "Thủy", "Siobhán", "Björn", "Amélie",
)  # fmt: skip

FAMILY = (
    "Agarwal", "Ahmed", "Ansari", "Bajwa", "Banerjee", "Barua", "Basu", "Bhatt", "Bhattacharya", "Bora", "Chakraborty",
    "Chandra", "Chatterjee", "Chaudhary", "Chauhan", "Das", "Dasgupta", "Desai", "Deshmukh", "Deshpande", "Dhillon",
    "D'Souza", "Dubey", "Dutta", "Fernandes", "Gandhi", "Ghosh", "Gill", "Gogoi", "Gowda", "Goswami", "Gupta", "Hegde",
    "Hussain", "Iyengar", "Iyer", "Jadhav", "Jain", "Jha", "Joshi", "Kadam", "Kamath", "Kapoor", "Karthikeyan", "Kaur",
    "Khan", "Khanna", "Kulkarni", "Kumar", "Kurian", "Lal", "Mahapatra", "Malhotra", "Malik", "Mathew", "Mehta", "Menon",
    "Mishra", "Mohanty", "Mukherjee", "Nadar", "Naidu", "Naik", "Nair", "Narayanan", "Nayak", "Ngangom", "Pandey",
    "Panicker", "Patel", "Pathak", "Patil", "Pillai", "Pradhan", "Prasad", "Qureshi", "Rajan", "Rajput", "Raman", "Rane",
    "Rao", "Rastogi", "Rathore", "Reddy", "Roy", "Sahoo", "Saini", "Saxena", "Sen", "Sequeira", "Seth", "Shah", "Shaikh",
    "Sharma", "Shetty", "Shinde", "Siddiqui", "Singh", "Sinha", "Solanki", "Subramanian", "Swamy", "Syed", "Tamang",
    "Thakur", "Thapa", "Tiwari", "Trivedi", "Varghese", "Varma", "Venkatesan", "Verma", "Vyas", "Yadav", "Zachariah",
    "Kowalski", "O'Connor", "Okafor", "Tanaka", "Fernández-Villaverde", "Nguyễn", "Lindström",
)  # fmt: skip

WHOLE = (
    "Venkata Satyanarayana Subrahmanya Raghavendra Chakravarthy",
    "Thiruvananthapuram Ramachandran Balasubramaniam",
    "Maria del Carmen Fernandes e Albuquerque",
    "अनन्या शर्मा",
    "கார்த்திக் சுப்பிரமணியன்",
    "মৌসুমী বন্দ্যোপাধ্যায়",
    "Kowalska, Zofia",
    "Bo Li",
)
"""Names that screens and files must also bear: long, short, with a comma, in other scripts."""


def draw_names(count: int, rng: np.random.Generator) -> list[str]:
    """Return `count` names, each different while the supply of pairs lasts; a few are long or in other scripts."""
    pairs = len(GIVEN) * len(FAMILY)
    order = np.concatenate([rng.permutation(pairs) for _ in range(-(-count // pairs))])[:count]
    names = [f"{GIVEN[pair % len(GIVEN)]} {FAMILY[pair // len(GIVEN)]}" for pair in order.tolist()]
    special = WHOLE[: max(1, min(len(WHOLE), count // 20))]
    for position, name in zip(rng.choice(count, len(special), replace=False).tolist(), special, strict=True):
        names[position] = name
    return names
